import { useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import { PasswordField } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { useMe } from "../parts/me.tsx";
import { NewPassword, weakness } from "../parts/new-password.tsx";
import { announce } from "../parts/news.tsx";
import { Section } from "../parts/page.tsx";
import { account } from "../words/account.ts";

export function Password({ changed }: { changed: () => void }) {
  const t = account();
  const { user, options } = useMe();
  const [round, setRound] = useState(0);
  const own = [user.username, user.email ?? ""];
  const least = options.password_min;
  const check = ({ new_password = "" }: Values) => {
    const wrong = weakness(new_password, least, own);
    return wrong === null ? {} : { new_password: wrong };
  };
  const send = async ({ current_password, new_password }: Values) => {
    const body = { new_password, current_password: current_password || null };
    const answer = await act("POST", "/auth/password", body);
    if (!answer.ok) return answer;
    // A form anew: neither password stays in the page.
    setRound(round + 1);
    announce(t.passwordChanged);
    changed();
    return null;
  };
  return (
    <Section id="password" title={t.password} intro={t.passwordIntro}>
      <Form key={round} send={send} check={check} fieldOf={{ INVALID_CREDENTIALS: "current_password" }}>
        <input
          type="text"
          class="announced"
          tabIndex={-1}
          aria-hidden="true"
          autocomplete="username"
          value={user.username}
          readOnly
        />
        <PasswordField
          name="current_password"
          label={t.currentPassword}
          hint={t.currentHint}
          autocomplete="current-password"
        />
        <NewPassword
          name="new_password"
          label={t.newPassword}
          missing={t.newPasswordMissing}
          least={least}
          own={() => own}
        />
        <div class="row tight">
          <Submit>{t.changePassword}</Submit>
        </div>
      </Form>
    </Section>
  );
}
