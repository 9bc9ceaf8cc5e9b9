/** The settings as the command line writes and reads them. What they may be is what the same field takes over HTTP. */
import * as shape from "../http/shape.ts";
import { type BypassRule, isBypassRule, mostBypassRules } from "../identity/bypass.ts";
import { defaultLifetimes, type Lifetimes, type Policy } from "../identity/policy.ts";
import type { Settings } from "../identity/settings.ts";
import { names } from "../names.ts";

export interface Setting {
  /** As over HTTP. */
  readonly name: string;

  /** As the core calls it. */
  readonly key: string;

  /** Null: this is no value for it. */
  readonly patch: (text: string) => Settings | null;

  /** Completes "is not …". */
  readonly expected: string;

  /** Over HTTP. */
  readonly value: (rules: Policy) => unknown;

  /** The value as people read it. */
  readonly show: (rules: Policy) => string;
}

type Reading<Value> = Pick<Setting, "expected"> & {
  readonly read: (text: string) => Value | undefined;
  readonly show: (value: Value) => string;
};

interface Own<Value> {
  readonly key: string;
  readonly value: (rules: Policy) => Value;
  readonly patch: (value: Value) => Settings;

  /** How it reads over HTTP, where that is not how the core has it. */
  readonly wire?: (value: Value) => unknown;
}

function setting<Value>(
  name: string,
  { read, show, expected }: Reading<Value>,
  { key, value, patch, wire }: Own<Value>,
): Setting {
  return {
    name,
    key,
    expected,
    value: (rules) => (wire ? wire(value(rules)) : value(rules)),
    show: (rules) => show(value(rules)),
    patch(text) {
      const found = read(text);
      return found === undefined ? null : patch(found);
    },
  };
}

const { pattern = "", maxLength = 255 } = shape.origin();

const address: Reading<string> = {
  read: (text) =>
    text.length <= maxLength && new RegExp(pattern).test(text) && URL.canParse(text)
      ? new URL(text).origin
      : undefined,
  show: String,
  expected: names.url.expected,
};

const flag: Reading<boolean> = {
  read: (text) => ({ true: true, on: true, false: false, off: false })[text],
  show: String,
  expected: "true or false",
};

const days: Reading<number> = {
  read: (text) =>
    /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 3650 ? Number(text) : undefined,
  show: String,
  expected: "a whole number of days from 1 to 3650",
};

const longest = 10 * 365 * 86_400;

const duration: Reading<number> = {
  read(text) {
    const seconds = names.session_ttl.read(text);
    return seconds !== undefined && seconds >= 60 && seconds <= longest ? seconds : undefined;
  },
  show: inWords,
  expected: "a duration like 15m, 24h or 30d, from 1m to 3650d",
};

/** `app.example.org/public,docs.example.org/`; `none` for no rule. */
const bypass: Reading<readonly BypassRule[]> = {
  read(text) {
    const rules = text === "none" ? [] : text.split(",").map((one) => ruleIn(one.trim()));
    return rules.length <= mostBypassRules && rules.every(isBypassRule) ? rules : undefined;
  },
  show: (rules) => rules.map(({ host, pathPrefix }) => host + pathPrefix).join(",") || "none",
  expected: "hosts with a plain path like app.example.org/public, separated by commas, or none",
};

function ruleIn(text: string): BypassRule {
  const cut = text.includes("/") ? text.indexOf("/") : text.length;
  return { host: text.slice(0, cut), pathPrefix: text.slice(cut) };
}

const registration: Reading<Policy["registration"]> = {
  read: names.registration.read,
  show: String,
  expected: names.registration.expected,
};

export const settingList: readonly Setting[] = [
  setting("url", address, { key: "url", value: ({ url }) => url, patch: (url) => ({ url }) }),
  setting("registration", registration, {
    key: "registration",
    value: (rules) => rules.registration,
    patch: (chosen) => ({ registration: chosen }),
  }),
  setting("local_login", flag, {
    key: "localLogin",
    value: ({ localLogin }) => localLogin,
    patch: (localLogin) => ({ localLogin }),
  }),
  setting("mail_login", flag, {
    key: "mailLogin",
    value: ({ mailLogin }) => mailLogin,
    patch: (mailLogin) => ({ mailLogin }),
  }),
  setting("audit_days", days, {
    key: "auditDays",
    value: ({ auditDays }) => auditDays,
    patch: (auditDays) => ({ auditDays }),
  }),
  setting("forward_bypass", bypass, {
    key: "forwardBypass",
    value: ({ forwardBypass }) => forwardBypass,
    patch: (forwardBypass) => ({ forwardBypass }),
    wire: (list) => list.map(({ host, pathPrefix }) => ({ host, path_prefix: pathPrefix })),
  }),
  ...(Object.keys(defaultLifetimes) as (keyof Lifetimes)[]).map((name) =>
    setting(`lifetimes.${name}`, duration, {
      key: `lifetimes.${name}`,
      value: ({ lifetimes }) => lifetimes[name],
      patch: (seconds) => ({ lifetimes: { [name]: seconds } }),
    }),
  ),
];

/** Seconds in the largest unit that says them exactly. */
function inWords(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}
