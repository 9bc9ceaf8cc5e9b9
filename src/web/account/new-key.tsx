import { act } from "../parts/act.ts";
import { Field } from "../parts/field.tsx";
import { Form, Submit, useForm, type Values } from "../parts/form.tsx";
import { useAsked } from "../parts/me.tsx";
import { keys } from "../words/keys.ts";
import { shell } from "../words/shell.ts";

interface NewKeyProps {
  readonly close: () => void;
  readonly made: (key: string) => Promise<void>;
}

const usual = "profile:read";

export function NewKey({ close, made }: NewKeyProps) {
  const t = keys();
  const { body } = useAsked<{ permissions: readonly string[] }>("/auth/sessions/current/permissions");
  const scopesOf = (values: Values) => Object.keys(values).filter((name) => name.includes(":"));
  const check = (values: Values) => ({
    ...(scopesOf(values).length === 0 && { [usual]: t.mayMissing }),
    ...(!/^([1-9]\d{0,3})?$/.test(values.expires_in_days ?? "") && { expires_in_days: t.daysWrong }),
  });
  const send = async (values: Values) => {
    const answer = await act<{ data: { key: string } }>("POST", "/v1/auth/api-keys", {
      name: values.name,
      scopes: scopesOf(values),
      expires_in_days: values.expires_in_days ? Number(values.expires_in_days) : null,
    });
    if (!answer.ok) return answer;
    await made(answer.body.data.key);
    return null;
  };
  return (
    <Form send={send} check={check} retry="name">
      <Field
        name="name"
        first
        label={t.name}
        hint={t.nameHint}
        missing={t.nameMissing}
        maxLength={64}
        autocomplete="off"
        autoCapitalize="sentences"
      />
      <Scopes all={body?.permissions ?? []} />
      <Field
        name="expires_in_days"
        optional
        label={t.days}
        hint={t.daysHint}
        inputMode="numeric"
        maxLength={4}
        autocomplete="off"
      />
      <div class="row end">
        <button type="button" class="quiet" onClick={close}>
          {shell().cancel}
        </button>
        <Submit>{t.add}</Submit>
      </div>
    </Form>
  );
}

function Scopes({ all }: { all: readonly string[] }) {
  const t = keys();
  const { wrong } = useForm();
  return (
    <fieldset class="choices">
      <legend class="label">{t.may}</legend>
      {all.map((scope) => (
        <label key={scope} class="check">
          <input type="checkbox" name={scope} defaultChecked={scope === usual} />
          <span>
            {t.scopes[scope] ?? ""} <code>{scope}</code>
          </span>
        </label>
      ))}
      <p class="error" aria-live="polite">
        {wrong[usual]}
      </p>
    </fieldset>
  );
}
