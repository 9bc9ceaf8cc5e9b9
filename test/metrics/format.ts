/** A strict reader of Prometheus' text format 0.0.4: throws at whatever the format does not allow. */
export interface Read {
  readonly type: string;
  readonly help: string;

  /** By name and labels, as they are written. */
  readonly samples: ReadonlyMap<string, number>;
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const sampleForm =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (NaN|[+-]Inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)( \d+)?$/;
const labelForm = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"/y;

function labelsOf(text: string): Map<string, string> {
  const labels = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    labelForm.lastIndex = at;
    const found = labelForm.exec(text);
    if (!found) throw new Error(`labels that cannot be read: ${text}`);
    const [whole, name = "", value = ""] = found;
    if (labels.has(name) || name.startsWith("__")) throw new Error(`a label that cannot be: ${name}`);
    labels.set(name, value);
    at += whole.length;
    if (at < text.length && text[at++] !== ",") throw new Error(`labels without a comma: ${text}`);
  }
  return labels;
}

const number = (text: string): number => Number(text.replace(/Inf$/, "Infinity"));

export function readExposition(text: string): Map<string, Read> {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const families = new Map<string, Read & { samples: Map<string, number> }>();
  let current = "";
  let help: [string, string] | null = null;
  for (const line of text.slice(0, -1).split("\n")) {
    const [, kind, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === "HELP") {
      if (!metricName.test(name) || families.has(name)) throw new Error(`a second ${name}`);
      help = [name, rest];
    } else if (kind === "TYPE") {
      if (help?.[0] !== name) throw new Error(`${name} has a type and no help before it`);
      if (!["counter", "gauge", "histogram"].includes(rest))
        throw new Error(`${name} is of no type: ${rest}`);
      families.set(name, { type: rest, help: help[1], samples: new Map() });
      [current, help] = [name, null];
    } else sample(line, current, families.get(current));
  }
  for (const [name, family] of families)
    if (family.type === "histogram") judgeHistogram(name, family.samples);
  return families;
}

function sample(
  line: string,
  current: string,
  family: (Read & { samples: Map<string, number> }) | undefined,
) {
  const [, name = "", , labels = "", value = ""] = sampleForm.exec(line) ?? [];
  if (name === "" || !family) throw new Error(`a line that cannot be: ${line}`);
  const suffixes = family.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
  if (!suffixes.some((suffix) => name === current + suffix))
    throw new Error(`${name} stands under ${current}`);
  const sorted = [...labelsOf(labels)].sort().map(([label, text]) => `${label}="${text}"`);
  const key = `${name}{${sorted.join(",")}}`;
  if (family.samples.has(key)) throw new Error(`twice: ${key}`);
  const read = number(value);
  if (family.type !== "gauge" && !(read >= 0)) throw new Error(`below nothing: ${line}`);
  if (family.type === "counter" && !current.endsWith("_total"))
    throw new Error(`a counter not named so: ${current}`);
  family.samples.set(key, read);
}

function judgeHistogram(name: string, samples: ReadonlyMap<string, number>): void {
  const buckets = [...samples]
    .filter(([key]) => key.startsWith(`${name}_bucket`))
    .map(([key, value]) => [number(/le="([^"]+)"/.exec(key)?.[1] ?? "NaN"), value] as const);
  const last = buckets.at(-1);
  const rising = buckets.every(
    ([le, value], index) =>
      index === 0 || (le > (buckets[index - 1]?.[0] ?? 0) && value >= (buckets[index - 1]?.[1] ?? 0)),
  );
  if (!rising || last?.[0] !== Number.POSITIVE_INFINITY)
    throw new Error(`${name}: buckets that do not rise to +Inf`);
  if (samples.get(`${name}_count{}`) !== last[1] || !samples.has(`${name}_sum{}`))
    throw new Error(`${name}: its count is not that of its last bucket`);
}
