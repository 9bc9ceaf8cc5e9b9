import { useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import type { Refused } from "../parts/ask.ts";
import { Field } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { Lines } from "../parts/lines.tsx";
import { Do, RefusedAlert, Section } from "../parts/page.tsx";
import { doctor } from "../words/doctor.ts";
import { Steps, type Tested } from "./steps.tsx";

interface Mailed extends Tested {
  /** What the two servers said to each other. */
  readonly transcript: readonly string[];
}

/** The whole house, and its mail, when somebody wants to know. */
export function Doctor() {
  const t = doctor();
  const [found, setFound] = useState<Tested | null>(null);
  const [mailed, setMailed] = useState<Mailed | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const look = async () => {
    const answer = await act<Tested>("GET", `/auth/doctor?now=${new Date().toISOString()}`);
    setRefused(answer.ok ? null : answer);
    if (answer.ok) setFound(answer.body);
  };
  const mail = async ({ to = "" }: Values) => {
    const answer = await act<Mailed>("POST", "/auth/mail/test", { to });
    if (!answer.ok) return answer;
    setMailed(answer.body);
    return null;
  };
  const words = { ok: t.ok, bad: t.bad };
  return (
    <Section
      id="health"
      title={t.title}
      intro={t.intro}
      beside={
        <Do class="quiet small" act={look}>
          {t.look}
        </Do>
      }
    >
      <RefusedAlert refused={refused} />
      {found && <Steps tested={found} words={{ ...words, whole: found.ok ? t.well : t.unwell }} />}
      <Form send={mail} retry="to">
        <Field
          name="to"
          type="email"
          label={t.mailTo}
          missing={t.mailMissing}
          maxLength={254}
          autocomplete="email"
          beside={<Submit class="quiet">{t.send}</Submit>}
        />
      </Form>
      {mailed && <Steps tested={mailed} words={{ ...words, whole: mailed.ok ? t.sent : t.unsent }} />}
      {mailed && mailed.transcript.length > 0 && (
        <Lines label={t.transcript} text={mailed.transcript.join("\n")} />
      )}
    </Section>
  );
}
