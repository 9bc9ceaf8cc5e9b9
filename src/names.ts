/** Every name that can be configured: how its text is read, and what was expected when it cannot be. */
import { isIP } from "node:net";
import type { Limit } from "./identity/limit.ts";

export interface Name<Value = unknown> {
  /** Undefined: this is not such a value. */
  readonly read: (text: string) => Value | undefined;

  /** Completes "expected …". */
  readonly expected: string;

  /** Never shown, never taken as a flag (every process on the host can read those), also read from a file. */
  readonly secret?: true;
}

const text: Name<string> = { read: (value) => value || undefined, expected: "some text" };

const secret: Name<string> = { ...text, secret: true };

const whole = (from: number, to: number): Name<number> => ({
  read: (value) =>
    /^\d{1,9}$/.test(value) && Number(value) >= from && Number(value) <= to ? Number(value) : undefined,
  expected: `a whole number from ${from} to ${to}`,
});

const choice = <const Choice extends string>(...choices: Choice[]): Name<Choice> => ({
  read: (value) => choices.find((one) => one === value),
  expected: `one of ${choices.join(", ")}`,
});

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function seconds(value: string): number | undefined {
  const [, amount, unit = ""] = /^([1-9]\d{0,5})([smhd])$/.exec(value) ?? [];
  return amount ? Number(amount) * (units[unit] ?? 0) : undefined;
}

const duration: Name<number> = { read: seconds, expected: "a duration like 15m, 24h or 30d" };

const limit: Name<Limit | "off"> = {
  read(value) {
    if (value === "off") return "off";
    const [, count, span = ""] = /^([1-9]\d{0,6})\/(\w+)$/.exec(value) ?? [];
    const length = seconds(span);
    return count && length ? { count: Number(count), seconds: length } : undefined;
  },
  expected: 'a limit like 10/1m, or "off"',
};

/** Scheme, host and port of a page, with nothing behind; undefined when it has more or is something else. */
export function webOrigin(value: string): string | undefined {
  if (!/^https?:\/\/[^/?#@\\\s]+\/?$/i.test(value) || !URL.canParse(value)) return undefined;
  return new URL(value).origin;
}

const origin: Name<string> = {
  read: webOrigin,
  expected: "an address like https://auth.example.org, with nothing behind the host and port",
};

const list = <Value>(of: (item: string) => Value | undefined, expected: string): Name<Value[]> => ({
  read(value) {
    const items = value
      .split(/[\s,]+/)
      .filter((item) => item !== "")
      .map(of);
    return items.every((item) => item !== undefined) ? items : undefined;
  },
  expected,
});

const appOrigin = (value: string): string | undefined =>
  webOrigin(value) ??
  (/^android:apk-key-hash:[\w-]{43}$/.test(value) || /^(?!https?:)[a-z][a-z0-9+.-]*:\/\/[\w.-]*$/i.test(value)
    ? value
    : undefined);

function network(value: string): string | undefined {
  const [address = "", prefix, ...more] = value.split("/");
  const bits = { 4: 32, 6: 128 }[isIP(address)];
  if (bits === undefined || more.length > 0) return undefined;
  if (prefix === undefined) return value;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits ? value : undefined;
}

const base64Key: Name<Uint8Array> = {
  read(value) {
    const bytes = /^[A-Za-z0-9+/]{43}=?$/.test(value) ? Buffer.from(value, "base64") : undefined;
    return bytes?.length === 32 ? new Uint8Array(bytes) : undefined;
  },
  expected: "32 bytes in base64",
  secret: true,
};

export const names = {
  data: text,
  host: text,
  port: whole(0, 65_535),
  url: origin,
  tls_cert: text,
  tls_key: text,
  cookie_domain: {
    read: (value) => (/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(value) ? value : undefined),
    expected: "a domain in lower case like example.org, without a leading dot",
  } satisfies Name<string>,
  origins: list(appOrigin, "origins like https://app.example.org or myapp://, separated by commas"),
  trusted_proxies: list(network, "addresses or ranges like 172.16.0.0/12, separated by commas"),
  bootstrap_token: {
    read: (value) => (/^[\x21-\x7e]{32,256}$/.test(value) ? value : undefined),
    expected: "at least 32 characters without spaces",
    secret: true,
  } satisfies Name<string>,
  master_key: base64Key,
  backup_dir: text,
  backup_every: duration,
  backup_keep: whole(1, 9999),
  backup_passphrase: {
    read: (value) => (value.length >= 8 && value.length <= 1024 ? value : undefined),
    expected: "at least 8 characters",
    secret: true,
  } satisfies Name<string>,
  registration: choice("closed", "invite", "open"),
  smtp_url: {
    ...secret,
    read: (value) => (/^smtps?:\/\/[^/\s]+\/?$/.test(value) && URL.canParse(value) ? value : undefined),
    expected: "an address like smtp://user:password@mail.example.org:587",
  } satisfies Name<string>,
  mail_from: text,
  google_client_id: text,
  google_issuer: origin,
  access_ttl: duration,
  refresh_ttl: duration,
  session_ttl: duration,
  session_idle: duration,
  fresh: duration,
  argon2_memory_kib: whole(8192, 1_048_576),
  argon2_passes: whole(1, 16),
  password_min: whole(6, 64),
  limit_signin: limit,
  limit_register: limit,
  limit_refresh: limit,
  limit_device: limit,
  limit_poll: limit,
  limit_bootstrap: limit,
  log: choice("pretty", "json"),
  log_level: choice("debug", "info", "warn", "error"),
  metrics_token: secret,
} as const;

export type NameKey = keyof typeof names;

/** What was configured, by name, before defaults. */
export type Values = {
  -readonly [Key in NameKey]?: Exclude<ReturnType<(typeof names)[Key]["read"]>, undefined>;
};

export const isName = (key: string): key is NameKey => Object.hasOwn(names, key);
export const isSecret = (key: NameKey): boolean => (names[key] as Name).secret === true;
