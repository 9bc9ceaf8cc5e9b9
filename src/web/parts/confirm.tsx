import { useEffect, useState } from "preact/hooks";
import { confirm as words } from "../words/confirm.ts";
import { login } from "../words/login.ts";
import { shell } from "../words/shell.ts";
import { confirmBy } from "./act.ts";
import { ask, type Refused } from "./ask.ts";
import { Dialog } from "./dialog.tsx";
import { CodeField, PasswordField } from "./field.tsx";
import { Form, Submit, type Values } from "./form.tsx";
import type { User } from "./me.tsx";
import { Do, RefusedAlert } from "./page.tsx";
import { canUsePasskeys, provePasskey } from "./passkey.ts";

/** By which of its fields the house wants to know that it is them. */
type Way = "password" | "totp" | "mail" | "passkey";

const path = "/auth/sessions/current/confirm";

/** Stands on every page for people who are signed in; shown while something waits for them to prove who they are. */
export function Confirm({ user }: { user: User }) {
  const [waiting, setWaiting] = useState<((confirmed: boolean) => void) | null>(null);
  useEffect(() => confirmBy(() => new Promise((resolve) => setWaiting(() => resolve))), []);
  const end = (confirmed: boolean) => {
    setWaiting(null);
    waiting?.(confirmed);
  };
  return waiting && <ConfirmDialog user={user} end={end} />;
}

function ConfirmDialog({ user, end }: { user: User; end: (confirmed: boolean) => void }) {
  const t = words();
  const [way, setWay] = useState<Way>();
  const [hasPasskey, setHasPasskey] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);

  useEffect(() => {
    void wayOf(user).then(setWay);
    void ask<{ passkeys: readonly unknown[] }>("GET", "/api/v1/auth/passkey/list").then((list) =>
      setHasPasskey(list.ok && list.body.passkeys.length > 0 && canUsePasskeys()),
    );
  }, []);

  const byPasskey = async () => {
    setRefused(null);
    const proof = await provePasskey();
    if (!proof.ok) return setRefused(proof);
    const answer = await ask("POST", path, { passkey_token: proof.body.token });
    if (answer.ok) end(true);
    else setRefused(answer);
  };
  const byForm = async (values: Values) => {
    setRefused(null);
    const answer = await ask("POST", path, values);
    if (!answer.ok) return answer;
    end(true);
    return null;
  };

  return (
    <Dialog title={t.title} close={() => end(false)}>
      <p class="soft">{t.intro}</p>
      <RefusedAlert refused={refused} />
      {hasPasskey && <Do act={byPasskey}>{t.withPasskey}</Do>}
      {hasPasskey && way !== undefined && way !== "passkey" && <p class="divider">{login().or}</p>}
      {way !== undefined && way !== "passkey" && (
        <Form
          send={byForm}
          fieldOf={{ INVALID_CODE: "code", INVALID_CREDENTIALS: "password", TOTP_REQUIRED: "code" }}
          retry={way === "password" ? "password" : "code"}
        >
          {way === "mail" && <MailedTo user={user} />}
          {/* For password managers. */}
          <input
            type="text"
            class="announced"
            tabIndex={-1}
            aria-hidden="true"
            autocomplete="username"
            value={user.username}
            readOnly
          />
          {way === "password" && (
            <PasswordField
              name="password"
              first
              label={shell().password}
              missing={login().passwordMissing}
              autocomplete="current-password"
            />
          )}
          {(way === "totp" || (way === "password" && user.two_factor_enabled)) && (
            <CodeField name="code" label={t.code} hint={t.codeHint} missing={login().totpMissing} />
          )}
          {way === "mail" && (
            <CodeField
              name="code"
              first
              label={login().mailCode}
              missing={login().mailMissing}
              inputMode="numeric"
            />
          )}
          <Submit>{t.confirm}</Submit>
        </Form>
      )}
      <button type="button" class="quiet" onClick={() => end(false)}>
        {shell().cancel}
      </button>
    </Dialog>
  );
}

/** The house says what it needs when it is given nothing. */
async function wayOf(user: User): Promise<Way> {
  const answer = await ask("POST", path, {});
  const asked = answer.ok ? undefined : answer.details[0]?.path;
  if (asked === "passkey_token") return "passkey";
  if (asked === "code") return user.two_factor_enabled ? "totp" : "mail";
  return "password";
}

function MailedTo({ user }: { user: User }) {
  const t = words();
  const send = () => ask("POST", "/auth/verify", { email: user.username });
  useEffect(() => void send(), []);
  return (
    <p>
      <bdi>{t.mailed(user.email ?? "")}</bdi>{" "}
      <Do class="plain" act={send}>
        {login().resend}
      </Do>
    </p>
  );
}
