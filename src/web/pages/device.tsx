import { useEffect, useState } from "preact/hooks";
import { type Asking, AskingCard, type Decision } from "../device/asking.tsx";
import { act } from "../parts/act.ts";
import type { Refused } from "../parts/ask.ts";
import { Field } from "../parts/field.tsx";
import { Form, Submit } from "../parts/form.tsx";
import { SignedIn } from "../parts/me.tsx";
import { mount } from "../parts/mount.tsx";
import { Alert, Card, Loading } from "../parts/page.tsx";
import { device } from "../words/device.ts";
import { inWords } from "../words/refusals.ts";

type Step =
  | { readonly name: "looking" }
  | { readonly name: "code"; readonly refused: Refused | null }
  | { readonly name: "asking"; readonly code: string; readonly asking: Asking }
  | { readonly name: "decided"; readonly decision: Decision };

/** From the address that a device shows; it only fills the code in. */
const given = new URLSearchParams(location.search).get("code") ?? "";

function Device() {
  const [step, setStep] = useState<Step>(
    given === "" ? { name: "code", refused: null } : { name: "looking" },
  );
  const look = async (code: string): Promise<void> => {
    const answer = await act<Asking>("POST", "/api/auth/device/info", { code });
    setStep(answer.ok ? { name: "asking", code, asking: answer.body } : { name: "code", refused: answer });
  };
  useEffect(() => {
    if (given !== "") void look(given);
  }, []);
  switch (step.name) {
    case "looking":
      return <Loading />;
    case "code":
      return <CodeCard refused={step.refused} look={look} />;
    case "asking":
      return (
        <AskingCard
          code={step.code}
          asking={step.asking}
          decided={(decision) => {
            // A reload, or the Back button, asks for a code again.
            history.replaceState(null, "", "/device");
            setStep({ name: "decided", decision });
          }}
        />
      );
    case "decided":
      return <Decided decision={step.decision} another={() => setStep({ name: "code", refused: null })} />;
  }
}

function CodeCard({ refused, look }: { refused: Refused | null; look: (code: string) => Promise<void> }) {
  const t = device();
  const send = async ({ code = "" }: Record<string, string>) => {
    await look(code);
    return null;
  };
  return (
    <Card title={t.title} intro={t.intro}>
      <Alert words={refused && (refused.code === "NOT_FOUND" ? t.unknown : inWords(refused))} />
      <Form send={send}>
        <Field
          name="code"
          first
          label={t.code}
          hint={t.codeHint}
          missing={t.codeMissing}
          defaultValue={given}
          maxLength={32}
          autocomplete="off"
        />
        <Submit>{t.look}</Submit>
      </Form>
    </Card>
  );
}

function Decided({ decision, another }: { decision: Decision; another: () => void }) {
  const t = device();
  const approved = decision === "authorize";
  return (
    <Card
      title={approved ? t.approvedTitle : t.deniedTitle}
      intro={approved ? t.approvedIntro : t.deniedIntro}
    >
      <div class="row">
        <a class="button" href="/account#sessions">
          {t.toAccount}
        </a>
        <button type="button" class="quiet" onClick={another}>
          {t.another}
        </button>
      </div>
    </Card>
  );
}

mount({
  title: () => device().tab,
  Content: () => (
    <SignedIn>
      <Device />
    </SignedIn>
  ),
});
