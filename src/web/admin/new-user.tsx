import { act } from "../parts/act.ts";
import { Field } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { Select } from "../parts/select.tsx";
import { admin } from "../words/admin.ts";
import { shell } from "../words/shell.ts";
import type { LinkFor, ManagedUser } from "./users.tsx";

interface NewUserProps {
  readonly close: () => void;
  readonly made: (link: LinkFor | null) => Promise<void>;
}

/** Without a password: whom it is for chooses one by the link. */
export function NewUser({ close, made }: NewUserProps) {
  const t = admin();
  const send = async (values: Values) => {
    const answer = await act<{ user: ManagedUser; setup_url?: string }>("POST", "/auth/users", {
      username: values.username,
      name: values.name || null,
      email: values.email || null,
      role: values.role,
    });
    if (!answer.ok) return answer;
    const { user, setup_url: url } = answer.body;
    await made(url === undefined ? null : { name: user.username, url });
    return null;
  };
  return (
    <Form send={send} fieldOf={{ USERNAME_TAKEN: "username", EMAIL_TAKEN: "email" }} retry="username">
      <p class="soft">{t.linkHint}</p>
      <Field
        name="username"
        first
        label={shell().username}
        missing={t.usernameMissing}
        maxLength={64}
        autocomplete="off"
      />
      <Field
        name="name"
        optional
        label={shell().fullName}
        maxLength={200}
        autocomplete="off"
        autoCapitalize="words"
      />
      <Field name="email" optional type="email" label={shell().email} maxLength={254} autocomplete="off" />
      <Select
        name="role"
        label={t.role}
        options={[
          ["member", t.member],
          ["admin", t.admin],
        ]}
      />
      <div class="row end">
        <button type="button" class="quiet" onClick={close}>
          {shell().cancel}
        </button>
        <Submit>{t.newUser}</Submit>
      </div>
    </Form>
  );
}
