import { useEffect, useState } from "preact/hooks";
import { ask, type Refused } from "../parts/ask.ts";
import { CodeField, Field } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { mount } from "../parts/mount.tsx";
import { NewPassword, weakness } from "../parts/new-password.tsx";
import { announce } from "../parts/news.tsx";
import { askOptions, type Options } from "../parts/options.ts";
import { Card, Do, Loading, RefusedAlert } from "../parts/page.tsx";
import { join } from "../words/join.ts";
import { login } from "../words/login.ts";
import { shell } from "../words/shell.ts";

const path = "/api/v1/auth/register";

/** What was asked for, kept while the code is on its way; the password only in memory. */
interface Wanted {
  readonly email: string;
  readonly password: string;
  readonly name: string | null;
}

function Register() {
  const t = join();
  const [options, setOptions] = useState<Options>();
  const [trouble, setTrouble] = useState<Refused | null>(null);
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const [made, setMade] = useState(false);
  useEffect(() => {
    void askOptions().then((answer) => (answer.ok ? setOptions(answer.body) : setTrouble(answer)));
  }, []);
  if (trouble) return <RefusedAlert refused={trouble} />;
  if (!options) return <Loading />;
  if (options.registration !== "open")
    return (
      <Card title={t.closedTitle} intro={options.registration === "invite" ? t.inviteOnly : t.closedIntro}>
        <SignInLink />
      </Card>
    );
  if (made)
    return (
      <Card key="made" title={t.signInTitle} intro={t.signInIntro}>
        <SignInLink />
      </Card>
    );
  if (wanted)
    return (
      <Verify key="verify" wanted={wanted} made={() => setMade(true)} startOver={() => setWanted(null)} />
    );
  return <Ask key="ask" least={options.password_min} asked={setWanted} />;
}

const SignInLink = () => (
  <a class="button" href="/login">
    {shell().signIn}
  </a>
);

function Ask({ least, asked }: { least: number; asked: (wanted: Wanted) => void }) {
  const t = join();
  const send = async ({ email = "", password = "", name }: Values) => {
    const wanted = { email, password, name: name || null };
    const answer = await ask("POST", path, wanted);
    if (!answer.ok) return answer;
    asked(wanted);
    return null;
  };
  const check = ({ email = "", password = "" }: Values) => {
    const wrong = weakness(password, least, [email]);
    return wrong === null ? {} : { password: wrong };
  };
  return (
    <Card title={t.registerTitle} intro={t.registerIntro}>
      <Form send={send} check={check}>
        <Field
          name="email"
          first
          type="email"
          label={shell().email}
          missing={t.emailMissing}
          maxLength={254}
          autocomplete="username"
        />
        <NewPassword name="password" least={least} label={shell().password} missing={t.passwordMissing} />
        <Field
          name="name"
          optional
          label={shell().name}
          maxLength={200}
          autocomplete="name"
          autoCapitalize="words"
        />
        <Submit>{t.send}</Submit>
        <a class="button quiet" href="/login">
          {t.have}
        </a>
      </Form>
    </Card>
  );
}

function Verify(props: { wanted: Wanted; made: () => void; startOver: () => void }) {
  const t = join();
  const { wanted, made, startOver } = props;
  const { email, password } = wanted;
  const send = async ({ code = "" }: Values) => {
    const answer = await ask<{ refresh_token: string }>("POST", `${path}/verify`, { email, code });
    if (!answer.ok) return answer;
    if (await signIn(email, password, answer.body.refresh_token)) location.replace("/account");
    else made();
    return null;
  };
  const resend = async () => {
    if ((await ask("POST", path, wanted)).ok) announce(t.resent);
  };
  return (
    <Card title={t.verifyTitle} intro={<bdi>{t.verifyIntro(email)}</bdi>}>
      <Form send={send} fieldOf={{ INVALID_CODE: "code" }} retry="code">
        <CodeField
          name="code"
          first
          label={login().mailCode}
          missing={login().mailMissing}
          inputMode="numeric"
        />
        <Submit>{t.verify}</Submit>
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

/**
 * The account was verified for a single-page app, with tokens that a script can read. This page wants the cookie,
 * which none can: it ends that session, and signs in with the password just chosen. False when it cannot.
 */
async function signIn(username: string, password: string, refreshToken: string): Promise<boolean> {
  // First, for it ends the session of the cookie, too.
  await ask("POST", "/api/v1/auth/logout", { refresh_token: refreshToken });
  const entered = await ask("POST", "/auth/local/login", { username, password });
  return entered.ok && (await ask("GET", "/auth/sessions/current")).ok;
}

mount({ title: () => join().registerTab, Content: Register });
