import { useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import { day } from "../parts/ago.ts";
import { CodeField, Field } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { useMe } from "../parts/me.tsx";
import { announce } from "../parts/news.tsx";
import { Section } from "../parts/page.tsx";
import { account } from "../words/account.ts";
import { login } from "../words/login.ts";
import { shell } from "../words/shell.ts";

export function Profile() {
  const t = account();
  const { user, reload } = useMe();
  const save = async ({ name = "", username = "" }: Values) => {
    const answer = await act("PATCH", "/auth/me", { name, username });
    if (!answer.ok) return answer;
    await reload();
    announce(t.saved);
    return null;
  };
  return (
    <Section
      id="profile"
      title={t.profile}
      intro={
        <>
          {t[user.role]} · {t.since(day(new Date(user.created_at)))}
        </>
      }
    >
      <Form send={save} fieldOf={{ USERNAME_TAKEN: "username" }}>
        <Field
          name="name"
          label={shell().name}
          hint={t.nameHint}
          defaultValue={user.name ?? ""}
          maxLength={200}
          autocomplete="name"
          autoCapitalize="words"
        />
        <Field
          name="username"
          label={shell().username}
          hint={t.usernameHint}
          missing={t.usernameMissing}
          defaultValue={user.username}
          maxLength={64}
          autocomplete="username"
        />
        <div class="row tight">
          <Submit>{shell().save}</Submit>
        </div>
      </Form>
    </Section>
  );
}

/** An address belongs to whoever can read a code that was sent to it. */
export function Address() {
  const t = account();
  const { user, reload } = useMe();
  const [asked, setAsked] = useState<string | null>(null);
  const ask = async ({ email = "" }: Values) => {
    const answer = await act("POST", "/auth/email", { email });
    if (!answer.ok) return answer;
    setAsked(email);
    return null;
  };
  const verify = async ({ code = "" }: Values) => {
    const answer = await act("POST", "/auth/email/verify", { code });
    if (!answer.ok) return answer;
    setAsked(null);
    await reload();
    announce(t.addressChanged);
    return null;
  };
  return (
    <Section id="address" title={t.address} intro={t.addressIntro}>
      {user.email === null ? (
        <p>{t.noAddress}</p>
      ) : (
        <p class="row">
          <strong>
            <bdi>{user.email}</bdi>
          </strong>
          <span class={user.email_verified ? "tag good" : "tag warn"}>
            {user.email_verified ? t.verified : t.unverified}
          </span>
        </p>
      )}
      {asked === null ? (
        <Form send={ask} fieldOf={{ EMAIL_TAKEN: "email" }}>
          <Field
            name="email"
            type="email"
            label={t.newAddress}
            missing={t.newAddressMissing}
            maxLength={254}
            autocomplete="email"
          />
          <div class="row tight">
            <Submit class="quiet">{t.sendCode}</Submit>
          </div>
        </Form>
      ) : (
        <Form key="verify" send={verify} fieldOf={{ INVALID_CODE: "code" }} retry="code">
          <p>
            <bdi>{t.verifyIntro(asked)}</bdi>
          </p>
          <CodeField
            name="code"
            first
            label={login().mailCode}
            missing={login().mailMissing}
            inputMode="numeric"
          />
          <div class="row tight">
            <Submit>{t.verify}</Submit>
            <button type="button" class="quiet" onClick={() => setAsked(null)}>
              {shell().cancel}
            </button>
          </div>
        </Form>
      )}
    </Section>
  );
}
