import { useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import { Field } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { useMe } from "../parts/me.tsx";
import { Section } from "../parts/page.tsx";
import { checkup } from "../words/checkup.ts";
import { Steps, type Tested } from "./steps.tsx";

interface Posted extends Tested {
  readonly transcript: readonly string[];
}

/** Whether letters arrive, tried with one of them. */
export function Mail() {
  const t = checkup();
  const { user, options } = useMe();
  const [tested, setTested] = useState<Posted | null>(null);
  const send = async ({ to }: Values) => {
    setTested(null);
    const answer = await act<Posted>("POST", "/auth/mail/test", { to });
    if (!answer.ok) return answer;
    setTested(answer.body);
    return null;
  };
  return (
    <Section id="mail" title={t.mail} intro={options.mail ? t.mailOn : t.mailOff}>
      <Form send={send}>
        <Field
          name="to"
          type="email"
          label={t.to}
          missing={t.addressMissing}
          defaultValue={user.email ?? ""}
          maxLength={254}
          autocomplete="email"
        />
        <div class="row tight">
          <Submit>{t.send}</Submit>
        </div>
      </Form>
      {tested && <Steps tested={tested} names={t.steps} />}
      {tested && tested.transcript.length > 0 && (
        <details>
          <summary>{t.transcript}</summary>
          <pre class="transcript">{tested.transcript.join("\n")}</pre>
        </details>
      )}
    </Section>
  );
}
