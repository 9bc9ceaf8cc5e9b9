/** What the figures mean for whoever runs the house. */

/** The least that OWASP's Password Storage Cheat Sheet recommends of argon2id, which is what the house does by itself. */
const least = { memoryKib: 19_456, passes: 2 };

/** A hash is slow when people notice it, and quick when an attacker's machine would hardly. */
const slowMilliseconds = 500;
const quickMilliseconds = 50;
const aimedMilliseconds = 100;

const mostMemoryKib = 262_144;

/** Of the machine's memory, all hashes at once may take a sixteenth. */
const shareOfMemory = 16;

export interface Hashing {
  readonly memoryKib: number;
  readonly passes: number;
}

export interface HashFacts extends Hashing {
  /** Of one hash alone. */
  readonly milliseconds: number;

  readonly cores: number;

  /** Of the machine, in bytes. */
  readonly memory: number;
}

export type Verdict = "slow" | "fine" | "quick" | "weak";

/** How the parameters suit the machine, and better ones where there are any. */
export function judgeHashing(facts: HashFacts): { verdict: Verdict; suggested: Hashing | null } {
  const { memoryKib, passes, milliseconds } = facts;
  const cost = memoryKib * passes;
  const leastCost = least.memoryKib * least.passes;
  // What OWASP calls as good (12288 and 3, 9216 and 4, 7168 and 5) costs a little less.
  if (cost < leastCost * 0.9) return { verdict: "weak", suggested: least };
  if (milliseconds > slowMilliseconds) {
    const scaled = stepped((memoryKib * aimedMilliseconds * 2) / milliseconds);
    const lower = cost > leastCost * 1.1 && { memoryKib: Math.max(least.memoryKib, scaled), passes: 2 };
    return { verdict: "slow", suggested: lower || null };
  }
  if (milliseconds >= quickMilliseconds) return { verdict: "fine", suggested: null };
  const room = facts.memory / 1024 / shareOfMemory / facts.cores;
  const more = stepped(Math.min((memoryKib * aimedMilliseconds) / milliseconds, room, mostMemoryKib));
  return more < memoryKib * 1.5
    ? { verdict: "fine", suggested: null }
    : { verdict: "quick", suggested: { memoryKib: more, passes } };
}

const step = 4096;
const stepped = (memoryKib: number): number => Math.floor(memoryKib / step) * step;

export const named = ({ memoryKib, passes }: Hashing): string =>
  `HOUSEKEY_ARGON2_MEMORY_KIB=${memoryKib} HOUSEKEY_ARGON2_PASSES=${passes}`;

/** `measured`: milliseconds that the suggested parameters take here. */
export function hashWords(verdict: Verdict, suggested: Hashing | null, measured: number | null): string {
  const better = suggested ? `: ${named(suggested)}, which takes ${Math.round(measured ?? 0)} ms here` : "";
  switch (verdict) {
    case "slow":
      return suggested
        ? `The hash is slow on this machine; a lighter one would still be a good one${better}.`
        : "The hash is slow on this machine, and yet the least that is safe: leave it, and let people sign in by passkey.";
    case "weak":
      return `The hash is lighter than it should be; the least that is recommended${better}.`;
    case "quick":
      return `The hash is quick on this machine; it can afford one that is harder to guess at${better}. Sign-ins a second become fewer by as much.`;
    case "fine":
      return "The hash suits this machine.";
  }
}

const slowCommits = 100;

/** `perSecond`: durable commits, one after another. */
export function diskWords(perSecond: number, { isOfHouse }: { isOfHouse: boolean }): string {
  const where = isOfHouse
    ? ""
    : " This was the disk of temporary files: name the house's with --data to measure that.";
  return perSecond < slowCommits
    ? `The disk is slow to keep what it is given (an SD card?): every sign-in and every refresh waits for it once. A better disk under the data folder helps more than anything else.${where}`
    : `The disk keeps up.${where}`;
}
