import { useState } from "preact/hooks";
import { ask, type Refused } from "../parts/ask.ts";
import { isLoopback } from "../parts/host.ts";
import { Card, Do, RefusedAlert } from "../parts/page.tsx";
import { setup } from "../words/setup.ts";
import { shell } from "../words/shell.ts";

/** The address the browser uses, to be kept as the one address of the house. */
export function Offer({ goOn }: { goOn: () => void }) {
  const t = setup();
  const [before, after] = t.offer;
  const [refused, setRefused] = useState<Refused | null>(null);
  const save = async () => {
    const saved = await ask("PATCH", "/auth/settings", { url: location.origin });
    if (saved.ok) return goOn();
    setRefused(saved);
  };
  return (
    <Card title={t.readyTitle}>
      <p>
        {before}
        <strong>{location.origin}</strong>
        {after}
      </p>
      <p class="hint">{t.offerHint}</p>
      {isLoopback(location.hostname) && <p class="hint">{t.onlyHere}</p>}
      <RefusedAlert refused={refused} />
      <div class="row">
        <Do act={save}>{shell().save}</Do>
        <button type="button" class="quiet" onClick={goOn}>
          {t.later}
        </button>
      </div>
    </Card>
  );
}
