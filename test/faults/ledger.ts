/**
 * What a house has acknowledged, and so owes for ever: that what was given is still good, and, the harder
 * half, that what was ended, spent or taken back stays so.
 *
 *   unsure ── the answer came ──> good ── asked to end ──> unsure ── the answer came ──> over
 *
 * A request whose answer never came leaves its facts unsure: the house may have done it or not.
 */
import { type House, type Spoken, speak } from "../binary.ts";

export type Asked = Pick<House, "url">;
export type Standing = "good" | "over" | "unsure";

export interface Fact {
  /** `session`, `API key` */
  readonly what: string;
  standing: Standing;

  /** Whether the house takes it. */
  readonly works: (house: Asked) => Promise<boolean>;

  /** Asking uses it up, so that it is asked about once. */
  readonly once?: true;

  /** Good ones are left alone: asking would spend them. */
  readonly onlyOver?: true;

  /** Not asked about since it last changed. */
  news: boolean;
}

export interface Ledger {
  readonly facts: Set<Fact>;

  /** Changes that were acknowledged. */
  acknowledged: number;

  /** How many of them ended, spent or took back something. */
  negative: number;

  /** Requests answered 503 or 507. */
  refused: number;

  /** Answers nobody expects, in words. */
  readonly strange: string[];

  /** What a 503 leaves: `undone` where it must not have happened, `unsure` where nobody can know. */
  readonly refusal: "undone" | "unsure";
}

export const newLedger = (refusal: Ledger["refusal"] = "unsure"): Ledger => ({
  facts: new Set(),
  acknowledged: 0,
  negative: 0,
  refused: 0,
  strange: [],
  refusal,
});

/** Thrown when no answer came: the house is gone. */
export class Gone extends Error {}

/** One request; each caller has an address of its own. Throws `Gone`. */
export async function ask(
  house: Asked,
  method: string,
  path: string,
  { token, body, address = anyAddress() }: { token?: string; body?: unknown; address?: string } = {},
): Promise<Spoken> {
  try {
    return await speak(house, method, path, {
      ...(token !== undefined && { token }),
      ...(body !== undefined && { body }),
      headers: { "x-forwarded-for": address },
    });
  } catch (error) {
    throw new Gone(String(error));
  }
}

/** Limits are counted per address, and are not what is tested here. */
export function anyAddress(): string {
  const byte = () => Math.floor(Math.random() * 256);
  return `10.${byte()}.${byte()}.${byte()}`;
}

export function learn(
  ledger: Ledger,
  what: string,
  works: Fact["works"],
  more: Partial<Pick<Fact, "once" | "onlyOver" | "standing">> = {},
): Fact {
  const fact: Fact = { what, works, standing: "good", news: true, ...more };
  ledger.facts.add(fact);
  return fact;
}

export type Change = readonly [fact: Fact, to: "good" | "over"];

/**
 * Asks for `changes` of what is known. Answers the answer when the house acknowledged them, null when it
 * refused for want of a disk. Throws `Gone`.
 */
export async function settle(
  ledger: Ledger,
  deed: string,
  changes: readonly Change[],
  asking: () => Promise<Spoken>,
): Promise<Spoken | null> {
  const before = changes.map(([fact]) => fact.standing);
  for (const [fact] of changes) fact.standing = "unsure";
  const answer = await asking();
  if (answer.status < 300) {
    for (const [fact, to] of changes) Object.assign(fact, { standing: to, news: true });
    ledger.acknowledged++;
    if (changes.some(([, to]) => to === "over")) ledger.negative++;
    return answer;
  }
  if (answer.status === 503 || answer.status === 507) {
    ledger.refused++;
    if (ledger.refusal === "undone")
      for (const [at, [fact]] of changes.entries()) Object.assign(fact, { standing: before[at], news: true });
  } else ledger.strange.push(`${deed}: ${answer.status} ${answer.body?.error?.code ?? ""}`);
  return null;
}

export interface Checked {
  /** Facts asked about. */
  readonly asked: number;

  /** Acknowledged, and not there. */
  readonly lost: readonly string[];

  /** Ended, spent or taken back, and there again. */
  readonly back: readonly string[];
}

/** Asks about everything that changed since the last time and, of the rest, about `others`. */
export async function check(
  house: Asked,
  ledger: Ledger,
  others = Number.POSITIVE_INFINITY,
): Promise<Checked> {
  const known = [...ledger.facts];
  const rest = known.filter(({ news }) => !news);
  const share = rest.length === 0 ? 0 : others / rest.length;
  const due = known.filter(
    ({ news, standing, onlyOver }) =>
      (news || Math.random() < share) && (standing === "over" || (standing === "good" && !onlyOver)),
  );
  const lost: string[] = [];
  const back: string[] = [];
  // What is good comes first: a spent refresh token that is shown again ends its whole family.
  await inLanes(
    due.filter(({ standing }) => standing === "good"),
    async (fact) => {
      if (!(await fact.works(house))) lost.push(fact.what);
    },
  );
  await inLanes(
    due.filter(({ standing }) => standing === "over"),
    async (fact) => {
      if (await fact.works(house)) back.push(fact.what);
    },
  );
  for (const fact of known) {
    if (fact.once || fact.standing === "unsure") ledger.facts.delete(fact);
    fact.news = false;
  }
  return { asked: due.length, lost, back };
}

async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const item of left) await work(item);
    }),
  );
}

/** Of several checks, all there is to say. */
export const together = (all: readonly Checked[]): Checked => ({
  asked: all.reduce((sum, { asked }) => sum + asked, 0),
  lost: all.flatMap(({ lost }) => lost),
  back: all.flatMap(({ back }) => back),
});
