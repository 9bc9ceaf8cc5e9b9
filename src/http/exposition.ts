/** The text format of Prometheus (version 0.0.4): families of samples, each with its help and its type. */

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** Behind the family's name: `_bucket`. */
  readonly suffix?: string;

  readonly labels?: Labels;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

export const expositionType = "text/plain; version=0.0.4; charset=utf-8";

export const exposition = (families: readonly Family[]): string =>
  families
    .map(
      ({ name, help, type, samples }) =>
        `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map((sample) => line(name, sample)).join("")}`,
    )
    .join("");

function line(name: string, { suffix = "", labels = {}, value }: Sample): string {
  const written = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${suffix}${written.length > 0 ? `{${written.join(",")}}` : ""} ${numeral(value)}\n`;
}

const escaped = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

const numeral = (value: number): string => (value === Number.POSITIVE_INFINITY ? "+Inf" : String(value));

/** `counts` by upper bound, the last beyond all bounds: in the format each bucket has those below it, too. */
export function histogram(bounds: readonly number[], counts: readonly number[], sum: number): Sample[] {
  let total = 0;
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound, index): Sample => {
    total += counts[index] ?? 0;
    return { suffix: "_bucket", labels: { le: numeral(bound) }, value: total };
  });
  return [...buckets, { suffix: "_sum", value: sum }, { suffix: "_count", value: total }];
}
