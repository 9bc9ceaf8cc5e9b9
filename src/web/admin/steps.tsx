import { house } from "../words/house.ts";

/** What the house answers when it tries something out. */
export interface Tested {
  readonly ok: boolean;
  readonly steps: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly message: string;
    readonly fix?: string;
  }[];
}

/** What was tried, one by one, and what to do about what did not work. */
export function Steps({
  tested: { ok, steps },
  names,
}: {
  tested: Tested;
  names: Readonly<Record<string, string>>;
}) {
  const t = house();
  return (
    <div class={ok ? "callout good" : "callout"} role="status">
      <strong>{ok ? t.testOk : t.testBad}</strong>
      <ol class="list">
        {steps.map((step) => (
          <li key={step.name}>
            <div class="what">
              <strong>{names[step.name] ?? step.name}</strong>
              <span class={step.ok ? "tag good" : "tag warn"}>{step.ok ? t.ok : t.bad}</span>
              <p>{step.message}</p>
              {step.fix && <p class="fix">{step.fix}</p>}
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}
