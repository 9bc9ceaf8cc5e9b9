import { ask, type Refused } from "../parts/ask.ts";
import { CodeField } from "../parts/field.tsx";
import { Form, Submit } from "../parts/form.tsx";
import { announce } from "../parts/news.tsx";
import { Card, Do } from "../parts/page.tsx";
import { login } from "../words/login.ts";

interface MailCodeProps {
  /** As it was typed. */
  readonly name: string;

  readonly send: (token: string) => Promise<Refused | null>;
  readonly startOver: () => void;
}

export function MailCode({ name, send, startOver }: MailCodeProps) {
  const t = login();
  const resend = async () => {
    const answer = await ask("POST", "/auth/verify", { email: name });
    if (answer.ok) announce(t.resent);
  };
  return (
    <Card title={t.mailTitle} intro={<bdi>{t.mailIntro(name)}</bdi>}>
      <Form send={({ token = "" }) => send(token)} fieldOf={{ INVALID_CODE: "token" }} retry="token">
        <CodeField name="token" first label={t.mailCode} missing={t.mailMissing} inputMode="numeric" />
        <Submit>{t.title}</Submit>
        <div class="row">
          <Do class="quiet" act={resend}>
            {t.resend}
          </Do>
          <button type="button" class="quiet" onClick={startOver}>
            {t.startOver}
          </button>
        </div>
      </Form>
    </Card>
  );
}
