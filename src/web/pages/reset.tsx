import { useEffect, useState } from "preact/hooks";
import { ask } from "../parts/ask.ts";
import { CodeField, Field } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { mount } from "../parts/mount.tsx";
import { NewPassword, weakness } from "../parts/new-password.tsx";
import { announce } from "../parts/news.tsx";
import { askOptions, type Options } from "../parts/options.ts";
import { Card, Do } from "../parts/page.tsx";
import { login } from "../words/login.ts";
import { recover } from "../words/recover.ts";
import { shell } from "../words/shell.ts";

const askCode = (email: string) => ask("POST", "/api/v1/auth/otp/send", { email, purpose: "reset" });

function Reset() {
  const t = recover();
  const [options, setOptions] = useState<Options>();
  const [typed, setTyped] = useState<string | null>(null);
  const [done, setDone] = useState(false);
  useEffect(() => {
    void askOptions().then((answer) => answer.ok && setOptions(answer.body));
  }, []);
  if (done)
    return (
      <Card key="done" title={t.doneTitle} intro={t.doneIntro}>
        <a class="button" href="/login">
          {shell().signIn}
        </a>
      </Card>
    );
  if (typed !== null)
    return (
      <NewOne
        key="code"
        typed={typed}
        least={options?.password_min ?? 1}
        done={() => setDone(true)}
        startOver={() => setTyped(null)}
      />
    );
  const send = async ({ email = "" }: Values) => {
    const answer = await askCode(email);
    if (!answer.ok) return answer;
    setTyped(email);
    return null;
  };
  return (
    <Card key="name" title={t.resetTitle} intro={t.resetIntro}>
      {options && !options.mail && <p class="callout">{t.noMail}</p>}
      <Form send={send} retry="email">
        <Field
          name="email"
          first
          label={login().name}
          missing={login().nameMissing}
          maxLength={254}
          autocomplete="username"
        />
        <Submit>{login().withCode}</Submit>
      </Form>
    </Card>
  );
}

interface NewOneProps {
  readonly typed: string;
  readonly least: number;
  readonly done: () => void;
  readonly startOver: () => void;
}

function NewOne({ typed, least, done, startOver }: NewOneProps) {
  const t = recover();
  const own = [typed];
  const check = ({ new_password = "" }: Values) => {
    const wrong = weakness(new_password, least, own);
    return wrong === null ? {} : { new_password: wrong };
  };
  const send = async ({ code, new_password }: Values) => {
    const answer = await ask("POST", "/api/v1/auth/reset-password", { email: typed, code, new_password });
    if (!answer.ok) return answer;
    done();
    return null;
  };
  const resend = async () => {
    if ((await askCode(typed)).ok) announce(login().resent);
  };
  return (
    <Card title={t.codeTitle} intro={<bdi>{t.codeIntro(typed)}</bdi>}>
      <Form send={send} check={check} fieldOf={{ INVALID_CODE: "code" }} retry="code">
        <CodeField
          name="code"
          first
          label={login().mailCode}
          missing={login().mailMissing}
          inputMode="numeric"
        />
        <NewPassword
          name="new_password"
          label={t.newPassword}
          missing={t.passwordMissing}
          least={least}
          own={() => own}
        />
        <Submit>{t.reset}</Submit>
        <div class="row">
          <Do class="quiet" act={resend}>
            {login().resend}
          </Do>
          <button type="button" class="quiet" onClick={startOver}>
            {login().startOver}
          </button>
        </div>
      </Form>
    </Card>
  );
}

mount({ title: () => recover().resetTab, Content: Reset });
