import { useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import type { Refused } from "../parts/ask.ts";
import { Do, RefusedAlert, Section } from "../parts/page.tsx";
import { checkup } from "../words/checkup.ts";
import { Steps, type Tested } from "./steps.tsx";

/** The house looked over, step by step, when somebody asks for it. */
export function Checkup() {
  const t = checkup();
  const [tested, setTested] = useState<Tested | null>(null);
  const [trouble, setTrouble] = useState<Refused | null>(null);
  const look = async () => {
    // The house can only be told by somebody else that its clock is off.
    const now = new URLSearchParams({ now: new Date().toISOString() });
    const answer = await act<Tested>("GET", `/auth/doctor?${now}`);
    setTrouble(answer.ok ? null : answer);
    if (answer.ok) setTested(answer.body);
  };
  return (
    <Section
      id="checkup"
      title={t.title}
      intro={t.intro}
      beside={
        <Do class="quiet small" act={look}>
          {t.look}
        </Do>
      }
    >
      <RefusedAlert refused={trouble} />
      {tested && <Steps tested={tested} names={t.steps} />}
    </Section>
  );
}
