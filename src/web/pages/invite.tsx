import { enter, type Link, Linked } from "../join/linked.tsx";
import { day } from "../parts/ago.ts";
import { ask } from "../parts/ask.ts";
import { Field } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { mount } from "../parts/mount.tsx";
import { NewPassword, weakness } from "../parts/new-password.tsx";
import { Card } from "../parts/page.tsx";
import { join } from "../words/join.ts";
import { shell } from "../words/shell.ts";

interface Info {
  /** Set when the invitation is for one address alone. */
  readonly email?: string;

  readonly expires_at: string;
}

function Invite({ token, info, options }: Link<Info>) {
  const t = join();
  const send = async (values: Values) => {
    const answer = await ask("POST", "/auth/invites/accept", {
      token,
      username: values.username,
      password: values.password,
      email: values.email || null,
      name: values.name || null,
    });
    if (!answer.ok) return answer;
    enter();
    return new Promise<null>(() => {});
  };
  const check = ({ username = "", email = "", password = "" }: Values) => {
    const wrong = weakness(password, options.password_min, [username, email]);
    return wrong === null ? {} : { password: wrong };
  };
  return (
    <Card title={t.inviteTitle} intro={t.inviteIntro(day(new Date(info.expires_at)))}>
      <Form send={send} check={check} fieldOf={{ USERNAME_TAKEN: "username", EMAIL_TAKEN: "email" }}>
        <Field
          name="username"
          first
          label={shell().username}
          missing={t.usernameMissing}
          maxLength={64}
          autocomplete="username"
        />
        <NewPassword
          name="password"
          least={options.password_min}
          label={shell().password}
          missing={t.passwordMissing}
        />
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
          optional={!info.email}
          type="email"
          label={shell().email}
          hint={info.email && t.inviteEmail}
          defaultValue={info.email ?? ""}
          readOnly={info.email !== undefined}
          maxLength={254}
          autocomplete="email"
        />
        <Submit>{t.accept}</Submit>
      </Form>
    </Card>
  );
}

mount({
  title: () => join().inviteTab,
  Content: () => <Linked<Info> path="/auth/invites/info" page={(link) => <Invite {...link} />} />,
});
