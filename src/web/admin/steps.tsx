/** What was looked at, one by one, and what to do about what is wrong. */
export interface Tested {
  readonly ok: boolean;
  readonly steps: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly message: string;
    readonly fix?: string | null;
  }[];
}

interface StepsProps {
  readonly tested: Tested;

  /** The whole in a sentence, and each step in a word. */
  readonly words: { readonly whole: string; readonly ok: string; readonly bad: string };

  /** What a step is called; those that are not here keep their own name. */
  readonly names?: Readonly<Record<string, string>>;
}

export const Steps = ({ tested: { ok, steps }, words, names = {} }: StepsProps) => (
  <div class={ok ? "callout good" : "callout"} role="status">
    <strong>{words.whole}</strong>
    <ol class="list">
      {steps.map((step) => (
        <li key={step.name}>
          <div class="what">
            <strong>{names[step.name] ?? step.name}</strong>
            <span class={step.ok ? "tag good" : "tag warn"}>{step.ok ? words.ok : words.bad}</span>
            <p>{step.message}</p>
            {step.fix && <p>{step.fix}</p>}
          </div>
        </li>
      ))}
    </ol>
  </div>
);
