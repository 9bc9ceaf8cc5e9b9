import { ask, type Refused } from "../parts/ask.ts";
import { Field } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { NewPassword, weakness } from "../parts/new-password.tsx";
import { Card } from "../parts/page.tsx";
import { Prose } from "../parts/prose.tsx";
import { tokenIn } from "../parts/token.ts";
import { setup } from "../words/setup.ts";
import { shell } from "../words/shell.ts";

interface AdminFormProps {
  /** Null: the person has to paste one. */
  readonly token: string | null;

  readonly least: number;
  readonly done: () => Promise<void>;

  /** The token was none; or there is an admin already. */
  readonly spent: (code: string) => void;
}

/** The first account of the house, or another admin's. */
export function AdminForm({ token, least, done, spent }: AdminFormProps) {
  const t = setup();
  const send = async (values: Values): Promise<Refused | null> => {
    const answer = await ask("POST", "/auth/bootstrap/complete", {
      token: token ?? tokenIn(values.token ?? ""),
      username: values.username,
      password: values.password,
      name: values.name || null,
      email: values.email || null,
    });
    if (answer.ok) {
      await done();
      return null;
    }
    if (answer.code === "ALREADY_BOOTSTRAPPED" || answer.code === "BOOTSTRAP_TOKEN_INVALID")
      spent(answer.code);
    return answer;
  };
  const check = ({ username = "", email = "", password = "" }: Values) => {
    const wrong = weakness(password, least, [username, email]);
    return wrong === null ? {} : { password: wrong };
  };
  return (
    <Card title={t.title} intro={t.intro}>
      <Form
        send={send}
        check={check}
        fieldOf={{ BOOTSTRAP_TOKEN_INVALID: "token", USERNAME_TAKEN: "username", EMAIL_TAKEN: "email" }}
      >
        {token === null && (
          <Field
            name="token"
            first
            label={t.token}
            missing={t.tokenMissing}
            autocomplete="off"
            hint={<Prose pieces={t.tokenHint} />}
          />
        )}
        <Field
          name="username"
          first={token !== null}
          label={shell().username}
          missing={t.usernameMissing}
          maxLength={64}
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
        <Field
          name="email"
          optional
          type="email"
          label={shell().email}
          maxLength={254}
          autocomplete="email"
        />
        <Submit>{t.create}</Submit>
      </Form>
    </Card>
  );
}
