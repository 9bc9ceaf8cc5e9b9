import { useState } from "preact/hooks";
import { enter, type Link, Linked } from "../join/linked.tsx";
import { clock } from "../parts/ago.ts";
import { ask, type Refused } from "../parts/ask.ts";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { mount } from "../parts/mount.tsx";
import { NewPassword, weakness } from "../parts/new-password.tsx";
import { Card, Do, RefusedAlert } from "../parts/page.tsx";
import { canUsePasskeys, makePasskey } from "../parts/passkey.ts";
import { login } from "../words/login.ts";
import { recover } from "../words/recover.ts";

interface Info {
  readonly username: string;
  readonly expires_at: string;
}

const complete = (body: object) => ask("POST", "/auth/recovery/complete", body);

function Recover({ token, info, options }: Link<Info>) {
  const t = recover();
  const [refused, setRefused] = useState<Refused | null>(null);
  const byPasskey = async () => {
    setRefused(null);
    const asked = await ask<Parameters<typeof makePasskey>[0]>("POST", "/auth/recovery/passkey/options", {
      token,
    });
    if (!asked.ok) return setRefused(asked);
    const made = await makePasskey(asked.body, (passkey) => complete({ token, passkey }));
    if (made.ok) enter();
    else setRefused(made);
  };
  const byPassword = async ({ password }: Values) => {
    setRefused(null);
    const answer = await complete({ token, password });
    if (!answer.ok) return answer;
    enter();
    return new Promise<null>(() => {});
  };
  const check = ({ password = "" }: Values) => {
    const wrong = weakness(password, options.password_min, [info.username]);
    return wrong === null ? {} : { password: wrong };
  };
  return (
    <Card title={<bdi>{t.title(info.username)}</bdi>} intro={t.intro(clock(new Date(info.expires_at)))}>
      <p class="callout">{t.effect}</p>
      <RefusedAlert refused={refused} />
      {canUsePasskeys() && (
        <>
          <Do act={byPasskey}>{t.byPasskey}</Do>
          <p class="divider">{login().or}</p>
        </>
      )}
      <Form send={byPassword} check={check}>
        <input
          type="text"
          class="announced"
          tabIndex={-1}
          aria-hidden="true"
          autocomplete="username"
          value={info.username}
          readOnly
        />
        <NewPassword
          name="password"
          least={options.password_min}
          label={t.newPassword}
          missing={t.passwordMissing}
          own={() => [info.username]}
        />
        <Submit class="quiet">{t.setPassword}</Submit>
      </Form>
    </Card>
  );
}

mount({
  title: () => recover().tab,
  Content: () => <Linked<Info> path="/auth/recovery/info" page={(link) => <Recover {...link} />} />,
});
