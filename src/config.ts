/**
 * What the operator decided. The only reader of the environment, the configuration file and the `*_FILE`
 * secrets; everything is judged here, before anything is opened. Flags beat the environment, the environment
 * beats the file.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { isName, isSecret, type Name, type NameKey, names, type Values } from "./names.ts";

/** The operator's mistake, in one line that names it. */
export class ConfigError extends Error {}

export interface Config {
  readonly values: Values;

  /** The absolute data folder. */
  readonly data: string;

  /** Lines about what was passed over, for the log. */
  readonly notes: readonly string[];
}

export interface Sources {
  /** By name, without dashes in front: `{ port: "8420" }`. */
  readonly flags: Readonly<Record<string, string | undefined>>;

  readonly env: Readonly<Record<string, string | undefined>>;

  /** `--config FILE`. */
  readonly file?: string | undefined;
}

/** Where somebody who uses a house as its client keeps what is theirs (XDG Base Directory Specification). */
export function clientFolder(env: Sources["env"]): string {
  const { XDG_CONFIG_HOME: own = "" } = env;
  return join(isAbsolute(own) ? own : join(env.HOME || homedir(), ".config"), "housekey");
}

const prefix = "HOUSEKEY_";

/** Throws `ConfigError`. */
export function readConfig({ flags, env, file }: Sources): Config {
  const notes: string[] = [];
  const values: Values = {};
  const take = taker(values);
  for (const [key, value] of Object.entries(flags))
    if (value !== undefined) take(key, value, `--${key.replaceAll("_", "-")}`);
  takeEnvironment(take, env, notes);
  const data = resolve(values.data ?? "housekey-data");
  const path = file === undefined ? join(data, "housekey.toml") : resolve(file);
  if (file !== undefined || existsSync(path)) takeFile(take, path);
  refuseContradictions(values);
  return { values, data: resolve(values.data ?? data), notes };
}

function takeEnvironment(take: Take, env: Sources["env"], notes: string[]): void {
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(prefix) || value === undefined) continue;
    // What Kubernetes and Docker links put beside a service called "housekey".
    if (/^HOUSEKEY_(SERVICE|PORT)_/.test(name) || (name === "HOUSEKEY_PORT" && value.startsWith("tcp://"))) {
      notes.push(`${name} looks injected by a container platform and is ignored`);
      continue;
    }
    take(name.slice(prefix.length).toLowerCase(), value, name);
  }
}

function takeFile(take: Take, path: string): void {
  let parsed: unknown;
  try {
    parsed = Bun.TOML.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new ConfigError(`cannot read ${path}: ${firstLine(error)}`);
  }
  for (const [key, value] of Object.entries(parsed as Record<string, unknown>)) {
    const flat = Array.isArray(value) ? value.join(",") : value;
    if (typeof flat === "object") throw new ConfigError(`${key} in ${path}: expected a plain value`);
    take(key, String(flat), `${key} in ${path}`);
  }
}

type Take = (key: string, value: string, source: string) => void;

/** Puts what is named into `values`: the first source to name a value has it; later ones are still judged, so that no mistake hides. */
function taker(values: Values): Take {
  function put(key: NameKey, value: string, source: string): void {
    const { read, expected } = names[key] as Name;
    const parsed = read(value.trim());
    if (parsed === undefined) {
      const shown = isSecret(key) ? ":" : ` is ${JSON.stringify(value.slice(0, 80))};`;
      throw new ConfigError(`${source}${shown} expected ${expected}`);
    }
    if (!(key in values)) Object.assign(values, { [key]: parsed });
  }

  return (key, value, source) => {
    const base = key.replace(/_file$/, "");
    if (base !== key && isName(base) && isSecret(base)) put(base, secretFrom(value, source), source);
    else if (!isName(key)) throw new ConfigError(`${source} is not a setting${suggestion(key)}`);
    else if (isSecret(key) && source.startsWith("--"))
      throw new ConfigError(`${source} would show the secret to every process; use ${source}-file`);
    else put(key, value, source);
  };
}

function secretFrom(path: string, source: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new ConfigError(`${source}: cannot read ${path}: ${firstLine(error)}`);
  }
}

function refuseContradictions({ url, cookie_domain: domain, tls_cert, tls_key }: Values): void {
  if ((tls_cert === undefined) !== (tls_key === undefined))
    throw new ConfigError("HOUSEKEY_TLS_CERT and HOUSEKEY_TLS_KEY go together; only one is set");
  if (domain === undefined) return;
  if (!url?.startsWith("https:"))
    throw new ConfigError("HOUSEKEY_COOKIE_DOMAIN: expected HOUSEKEY_URL to be set, with https");
  const { hostname } = new URL(url);
  if (hostname !== domain && !hostname.endsWith(`.${domain}`))
    throw new ConfigError(`HOUSEKEY_COOKIE_DOMAIN: expected a parent domain of ${hostname}`);
}

/** ", did you mean …?" for a name one or two letters away. */
function suggestion(key: string): string {
  const near = Object.keys(names).find((name) => distance(name, key) <= 2);
  return near ? `; did you mean ${prefix}${near.toUpperCase()}?` : "";
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...b].entries()) {
      const change = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(change, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
