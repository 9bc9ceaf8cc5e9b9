/** Where a person is signed in: one file in their own configuration folder, for them alone. */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { Failure } from "../host/failure.ts";
import { webOrigin } from "../names.ts";
import { field, type House } from "./client.ts";
import { UsageError } from "./command.ts";

/** A house somebody is signed in to. */
export interface SignedIn extends House {
  readonly token: string;
}

interface Kept {
  /** The house that is meant when none is named: the one signed in to last. */
  readonly current: string | null;

  /** Session tokens by server. */
  readonly tokens: Readonly<Record<string, string>>;
}

const pathIn = (folder: string): string => join(folder, "sessions.json");

/** The house named by `typed`, or the one signed in to last. Throws `Failure` when nobody is signed in there. */
export function signedIn(folder: string, typed: string | undefined): SignedIn {
  const { current, tokens } = read(folder);
  const server = typed === undefined ? current : serverOf(typed);
  const token = server === null ? undefined : tokens[server];
  if (server !== null && token !== undefined) return { server, token };
  throw new Failure(
    server === null
      ? 'you are not signed in; "housekey login URL" comes first'
      : `you are not signed in to ${server}; "housekey login ${server}" comes first`,
  );
}

/** The session token kept for a server; null when there is none. */
export const tokenFor = (folder: string, server: string): string | null =>
  read(folder).tokens[server] ?? null;

export function keep(folder: string, { server, token }: SignedIn): void {
  const { tokens } = read(folder);
  write(folder, { current: server, tokens: { ...tokens, [server]: token } });
}

export function forget(folder: string, server: string): void {
  const { current, tokens } = read(folder);
  const { [server]: _, ...others } = tokens;
  const next = current === server ? (Object.keys(others)[0] ?? null) : current;
  write(folder, { current: next, tokens: others });
}

/** Makes the folder, so that a sign-in does not fail at its end. */
export function prepare(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (error) {
    throw new Failure(`cannot make ${folder}`, error);
  }
}

/** A server as somebody typed it. Throws `UsageError`. */
export function serverOf(typed: string): string {
  const server = webOrigin(typed);
  if (server !== undefined) return server;
  throw new UsageError(
    `${JSON.stringify(typed.slice(0, 80))} is no address of a house; expected one like https://auth.example.org`,
  );
}

function read(folder: string): Kept {
  const path = pathIn(folder);
  try {
    const kept: unknown = JSON.parse(readFileSync(path, "utf8"));
    const current = field(kept, "current");
    const tokens = Object.entries((field(kept, "tokens") ?? {}) as object).filter(
      ([, token]) => typeof token === "string",
    );
    return { current: typeof current === "string" ? current : null, tokens: Object.fromEntries(tokens) };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      return { current: null, tokens: {} };
    throw new Failure(`cannot read ${path}`, error);
  }
}

/** Whole or not at all, whenever the power goes. */
function write(folder: string, kept: Kept): void {
  prepare(folder);
  const path = pathIn(folder);
  const beside = `${path}.${process.pid}`;
  try {
    const file = openSync(beside, "w", 0o600);
    writeSync(file, `${JSON.stringify(kept, null, 2)}\n`);
    fsyncSync(file);
    closeSync(file);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw new Failure(`cannot write ${path}`, error);
  }
}
