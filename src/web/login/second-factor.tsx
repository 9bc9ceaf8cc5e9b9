import { useState } from "preact/hooks";
import type { Refused } from "../parts/ask.ts";
import { CodeField } from "../parts/field.tsx";
import { Form, Submit } from "../parts/form.tsx";
import { Card } from "../parts/page.tsx";
import { login } from "../words/login.ts";

interface SecondFactorProps {
  /** Repeats what asked for the code, with it. */
  readonly send: (code: string) => Promise<Refused | null>;

  readonly startOver: () => void;
}

export function SecondFactor({ send, startOver }: SecondFactorProps) {
  const t = login();
  const [backup, setBackup] = useState(false);
  return (
    <Card title={t.secondTitle} intro={t.secondIntro}>
      <Form send={({ code = "" }) => send(code)} fieldOf={{ INVALID_CODE: "code" }} retry="code">
        {backup ? (
          <CodeField
            key="backup"
            name="code"
            first
            label={t.backup}
            hint={t.backupHint}
            missing={t.backupMissing}
            autocomplete="off"
          />
        ) : (
          <CodeField
            key="totp"
            name="code"
            first
            label={t.totp}
            hint={t.totpHint}
            missing={t.totpMissing}
            inputMode="numeric"
          />
        )}
        <Submit>{t.goOn}</Submit>
        <div class="row">
          <button type="button" class="quiet" onClick={() => setBackup(!backup)}>
            {backup ? t.useTotp : t.useBackup}
          </button>
          <button type="button" class="quiet" onClick={startOver}>
            {t.startOver}
          </button>
        </div>
      </Form>
    </Card>
  );
}
