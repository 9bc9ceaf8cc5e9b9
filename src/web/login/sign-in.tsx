import { useState } from "preact/hooks";
import { ask, type Refused } from "../parts/ask.ts";
import { Field, PasswordField } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { type Options, sendsCodes } from "../parts/options.ts";
import { Alert, Card, Do, RefusedAlert } from "../parts/page.tsx";
import { type PasskeyProof, provePasskey } from "../parts/passkey.ts";
import { login } from "../words/login.ts";
import { shell } from "../words/shell.ts";

/** A sign-in as it is sent; a second factor goes along as `code`. */
export interface Attempt {
  readonly path: string;
  readonly body: Readonly<Record<string, string>>;
}

export const byPasskey = ({ username, token }: PasskeyProof): Attempt => ({
  path: "/auth/sessions",
  body: { method: "passkey", email: username, token },
});

interface SignInProps {
  /** Undefined until the house has told. */
  readonly options: Options | undefined;

  /** Why the person is here, when something went wrong elsewhere. */
  readonly trouble: string | null;

  /** What came of a passkey. */
  readonly refused: Refused | null;
  readonly setRefused: (refused: Refused | null) => void;

  readonly providerLink: string;

  /** Null when the person is in, or a second factor is being asked for. */
  readonly attempt: (attempt: Attempt) => Promise<Refused | null>;

  readonly mailed: (name: string) => void;
}

export function SignIn(props: SignInProps) {
  const { options, trouble, refused, setRefused, providerLink, attempt, mailed } = props;
  const t = login();
  const [wantsCode, setWantsCode] = useState(false);
  const passwords = options?.local_login !== false;
  const codes = options !== undefined && sendsCodes(options);
  const byCode = codes && (wantsCode || !passwords);

  const former = options?.former_rp_id ?? null;
  const withPasskey = async (rpId?: string) => {
    setRefused(null);
    const proof = await provePasskey(rpId === undefined ? {} : { rpId });
    setRefused(proof.ok ? await attempt(byPasskey(proof.body)) : proof);
  };
  const send = async ({ username = "", password = "" }: Values) => {
    setRefused(null);
    if (!byCode) return attempt({ path: "/auth/local/login", body: { username, password } });
    const answer = await ask("POST", "/auth/verify", { email: username });
    if (!answer.ok) return answer;
    mailed(username);
    return null;
  };

  return (
    <Card title={t.title}>
      <Alert words={refused ? null : trouble} />
      <RefusedAlert refused={refused} />
      {(passwords || byCode) && (
        <Form send={send} retry="password">
          <Field
            name="username"
            first
            label={t.name}
            missing={t.nameMissing}
            maxLength={254}
            autocomplete="username webauthn"
          />
          {!byCode && (
            <PasswordField
              name="password"
              label={shell().password}
              missing={t.passwordMissing}
              autocomplete="current-password"
            />
          )}
          <Submit>{byCode ? t.withCode : t.title}</Submit>
        </Form>
      )}
      <p class="divider">{t.or}</p>
      <div class="stack">
        <Do class="quiet" act={() => withPasskey()}>
          {t.withPasskey}
        </Do>
        {former !== null && (
          <Do class="quiet" act={() => withPasskey(former)}>
            {t.withFormerPasskey(former)}
          </Do>
        )}
        {codes && passwords && (
          <button type="button" class="quiet" onClick={() => setWantsCode(!byCode)}>
            {byCode ? t.withPassword : t.withCode}
          </button>
        )}
        {options?.oidc && (
          <a class="button quiet" href={providerLink}>
            <bdi>{t.withProvider(options.oidc.name)}</bdi>
          </a>
        )}
      </div>
      <Elsewhere options={options} />
    </Card>
  );
}

function Elsewhere({ options }: { options: Options | undefined }) {
  const t = login();
  const resets = options?.local_login && options.mail;
  const registers = options?.registration === "open" && options.local_login;
  if (!resets && !registers) return null;
  return (
    <p class="row links">
      {resets && <a href="/reset">{t.forgot}</a>}
      {registers && <a href="/register">{t.register}</a>}
    </p>
  );
}
