/** Who else than its owner could get at what a folder keeps. */
import { lstatSync, readdirSync, type Stats } from "node:fs";
import { join } from "node:path";

/** What the appliance makes: for its owner alone. Anything else is the operator's, and must only not be changed by others. */
const kept =
  /^(housekey\.db(-wal|-shm|-journal)?|master\.key|bootstrap-token|bootstrapped|lock|serving|outbox)$/;

/** A line for each mode or owner that is not as it should be; none where the system knows no modes. */
export function looseModes(folder: string): string[] {
  if (process.platform === "win32") return [];
  const own = lstatSync(folder);
  return [...loose(folder, own, own.uid, true), ...inside(folder, own.uid, false)];
}

function inside(folder: string, owner: number, all: boolean): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const facts = lstatSync(path, { throwIfNoEntry: false });
    // SQLite's own files come and go.
    if (!facts || facts.isSymbolicLink()) return [];
    const ours = all || kept.test(name);
    const own = loose(path, facts, owner, ours);
    return facts.isDirectory() && ours ? [...own, ...inside(path, owner, true)] : own;
  });
}

function loose(path: string, facts: Stats, owner: number, ours: boolean): string[] {
  const mode = facts.mode & 0o777;
  const problems: string[] = [];
  if ((mode & (ours ? 0o077 : 0o022)) !== 0) {
    const right = ours ? (facts.isDirectory() ? 0o700 : 0o600) : mode & ~0o022;
    problems.push(`${path} is open to others (${octal(mode)}); chmod ${octal(right)} closes it`);
  }
  if (ours && facts.uid !== owner)
    problems.push(`${path} belongs to user ${facts.uid}, and its folder to user ${owner}`);
  return problems;
}

const octal = (mode: number): string => mode.toString(8).padStart(3, "0");
