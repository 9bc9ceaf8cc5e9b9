/**
 * The one place where passwords are hashed: argon2id on Bun's thread pool, never on the event loop.
 *
 * At most `width` hashes run at once and `depth` wait; one more is refused with `BUSY`, because a queue
 * that grows without end helps nobody who is in it.
 */
import { Refusal } from "./refusal.ts";

export interface Hasher {
  /** A PHC string. Refuses: `BUSY`. */
  hash(password: string): Promise<string>;

  /** Whether `password` made `phc`. A hash that is not argon2id within sane bounds matches nothing. Refuses: `BUSY`. */
  verify(password: string, phc: string): Promise<boolean>;

  /** Whether `phc` was made with other parameters than today's. */
  outdated(phc: string): boolean;

  /** How many run, and how many wait for their turn. */
  load(): { readonly running: number; readonly waiting: number };
}

export interface HasherOptions {
  /** Hashes at once; the number of cores. */
  readonly width: number;

  /** Hashes that may wait. */
  readonly depth: number;

  readonly memoryKib: number;
  readonly passes: number;

  /** Called as a hash starts. The host lowers the priority of the threads that do the work. */
  readonly onStart?: () => void;
}

const phcForm = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=1\$[A-Za-z0-9+/]{16,64}\$[A-Za-z0-9+/]{32,88}$/;

/** One GiB and sixteen passes: an imported hash that asks for more is an attack on the machine. */
const most = { memoryKib: 1_048_576, passes: 16 };

export function makeHasher({ width, depth, memoryKib, passes, onStart }: HasherOptions): Hasher {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function turn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= width) {
      if (waiting.length >= depth) throw new Refusal("BUSY", { retryAfter: 2 });
      // Whoever finishes hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
    try {
      onStart?.();
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  }

  return {
    hash: (password) =>
      turn(() =>
        Bun.password.hash(password, { algorithm: "argon2id", memoryCost: memoryKib, timeCost: passes }),
      ),

    verify: (password, phc) =>
      sane(parameters(phc))
        ? turn(() => Bun.password.verify(password, phc, "argon2id"))
        : Promise.resolve(false),

    load: () => ({ running, waiting: waiting.length }),

    outdated(phc) {
      const used = parameters(phc);
      return used?.memoryKib !== memoryKib || used.passes !== passes;
    },
  };
}

interface Parameters {
  readonly memoryKib: number;
  readonly passes: number;
}

function parameters(phc: string): Parameters | null {
  const [, memory, passes] = phcForm.exec(phc) ?? [];
  return memory && passes ? { memoryKib: Number(memory), passes: Number(passes) } : null;
}

const sane = (used: Parameters | null): boolean =>
  used !== null && used.memoryKib <= most.memoryKib && used.passes <= most.passes && used.passes > 0;
