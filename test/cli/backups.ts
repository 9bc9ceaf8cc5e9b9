/** What the stories about backups share. */
import { Database } from "bun:sqlite";
import { createHash } from "node:crypto";
import { cpSync, existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { binary, cleanEnv, emptyFolder, type Ran, run } from "../binary.ts";

export const passphrase = "correct horse battery staple";

/** Everything in a folder, by name: what it is and what is in it. */
export function contents(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    found
      // SQLite maps this one, and a look alone changes it.
      .filter((name) => !name.endsWith("-shm"))
      .map((name) => {
        const path = join(folder, name);
        if (!lstatSync(path).isFile()) return [name, "folder"];
        return [name, createHash("sha256").update(readFileSync(path)).digest("hex")];
      }),
  );
}

/** A folder with a copy of the house at `data`. */
export function copyOf(data: string) {
  const folder = emptyFolder();
  const own = join(folder.path, "housekey-data");
  cpSync(data, own, { recursive: true });
  return Object.assign(folder, { data: own });
}

export function query(data: string, sql: string): unknown[][] {
  using db = new Database(join(data, "housekey.db"), { create: false, readwrite: true });
  db.run("PRAGMA busy_timeout = 5000");
  return db.query(sql).values();
}

/** Runs a command on a terminal, where each question is answered by the next of `answers`. */
export async function onTerminal(
  command: string[],
  { cwd, answers }: { cwd: string; answers: string[] },
): Promise<{ exitCode: number; shown: string }> {
  let shown = "";
  const waiting = [...answers];
  const child = Bun.spawn(command, {
    cwd,
    env: { ...cleanEnv(), TERM: "dumb" },
    terminal: {
      data(terminal, bytes) {
        shown += new TextDecoder().decode(bytes);
        const questions = shown.match(/(passphrase[^:\n]*|again): ?/gi)?.length ?? 0;
        while (answers.length - waiting.length < questions && waiting.length > 0)
          terminal.write(`${waiting.shift()}\r`);
      },
    },
  });
  const exitCode = await child.exited;
  child.terminal?.close();
  return { exitCode, shown };
}

export const housekey = (...args: string[]): string[] => [binary, ...args];

/** Runs a command that must go well, whatever it says. */
export async function done(cwd: string, ...args: string[]): Promise<Ran> {
  const ran = await run(args, { cwd });
  if (ran.exitCode !== 0) throw new Error(`${args.join(" ")}: exit ${ran.exitCode}: ${ran.stderr}`);
  return ran;
}
