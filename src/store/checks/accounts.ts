/** What the nouns promise each other: rows that no write of the core's leaves behind. */
import type { Settings } from "../../identity/settings.ts";
import type { Check } from "../../identity/verify.ts";
import { among, type House, rows, type Wrong } from "./house.ts";

const check = (name: string, wrongs: readonly Wrong[]): Check<House> => ({
  name,
  find: (house) => wrongs.flatMap((wrong) => rows(house, wrong)),
});

const sharing = (column: string) =>
  `lower(${column}) IN (SELECT lower(${column}) FROM users WHERE ${column} IS NOT NULL
     GROUP BY 1 HAVING count(*) > 1)`;

const names = check("names", [
  {
    table: "users",
    where: "username = '' OR length(username) > 64 OR username GLOB '*[^a-z0-9._-]*'",
    says: "its username is none, or not in lower case",
  },
  {
    table: "users",
    where: "email <> lower(email) OR email NOT GLOB '?*@?*' OR length(email) > 254",
    says: "its address is none, or not in lower case",
  },
  { table: "users", where: sharing("username"), says: "shares its username but for case" },
  { table: "users", where: sharing("email"), says: "shares its address but for case" },
  {
    table: "users",
    where: "email_verified NOT IN (0, 1) OR (email_verified = 1 AND email IS NULL)",
    says: "an address is verified that it does not have",
  },
  {
    table: "invites",
    where: "email <> lower(email) OR email NOT GLOB '?*@?*'",
    says: "its address is none, or not in lower case",
  },
]);

const issuer = "(issuer GLOB 'https://?*' OR issuer GLOB 'http://?*')";

const identities = check("identities", [
  {
    table: "identities",
    where: `NOT ${issuer} OR subject = '' OR length(subject) > 255`,
    says: "names nobody at another provider",
  },
  {
    table: "providers",
    where: `kind <> 'oidc' OR NOT ${issuer} OR client_id = '' OR revision < 1`,
    says: "is no provider that could be asked",
  },
  {
    table: "providers",
    where:
      "sealed_secret IS NOT NULL AND (length(sealed_secret) < 38 OR sealed_secret GLOB '*[^A-Za-z0-9_-]*')",
    says: "its secret is kept as something else than sealed",
  },
]);

const counts = check("counts", [
  {
    table: "invites",
    where: "uses < 1 OR uses_left < 0 OR uses_left > uses",
    says: "has more or fewer uses left than there can be",
  },
  { table: "throttles", where: "failures < 1", says: "counts no failure" },
]);

const disabled = "SELECT id FROM users WHERE disabled_at IS NOT NULL";
const liveAdmin = "SELECT id FROM users WHERE role = 'admin' AND disabled_at IS NULL";

const powers = check("powers", [
  {
    table: "sessions",
    where: `ended_at IS NULL AND expires_at > (SELECT disabled_at FROM users WHERE users.id = user_id)`,
    says: "open although its account is disabled",
  },
  {
    table: "recoveries",
    where: `user_id IN (${disabled})`,
    says: "a recovery link for an account that is disabled",
  },
  {
    table: "api_keys",
    where: `user_id IN (${disabled})`,
    says: "a key of an account that is disabled",
  },
  {
    table: "api_keys",
    where: `session_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sessions
      WHERE sessions.id = session_id AND sessions.user_id = api_keys.user_id AND kind = 'api_key')`,
    says: "its session is none of its own",
  },
  {
    table: "devices",
    where: `status = 'authorized' AND decided_by IN (${disabled})`,
    says: "lets a device in, and whoever authorized it is disabled",
  },
  {
    table: "bootstraps",
    where: `kind = 'admin' AND spent_at IS NULL AND created_by IS NOT NULL AND created_by NOT IN (${liveAdmin})`,
    says: "makes an admin, and whoever minted it is none any more",
  },
  {
    table: "invites",
    where: `created_by IS NOT NULL AND created_by NOT IN (${liveAdmin})`,
    says: "makes an account, and whoever invited is no admin any more",
  },
]);

const devices = check("devices", [
  {
    table: "devices",
    where: `status IN ('authorized', 'claimed') AND (decided_by IS NULL OR decided_in IS NULL OR decided_at IS NULL)`,
    says: "let in by nobody",
  },
  {
    table: "devices",
    where: "(status = 'claimed') <> (claimed_at IS NOT NULL)",
    says: "claimed, or not, at odds with when it was",
  },
  {
    table: "devices",
    where: "created_by IS NOT NULL AND decided_by IS NOT NULL AND created_by <> decided_by",
    says: "decided by somebody else than who made it",
  },
]);

const secured = "SELECT id FROM users WHERE two_factor_at IS NOT NULL";
const withApp = "SELECT user_id FROM totps WHERE pending_until IS NULL";

const twoFactor = check("second factors", [
  {
    table: "users",
    where: `two_factor_at IS NOT NULL AND id NOT IN (${withApp})`,
    says: "asks for a second factor that it does not have",
  },
  {
    table: "totps",
    where: `pending_until IS NULL AND user_id NOT IN (${secured})`,
    says: "a second factor that nobody asks for",
  },
  {
    table: "backup_codes",
    where: `user_id NOT IN (${secured})`,
    says: "a backup code of an account without two-factor",
  },
  { table: "proofs", where: "tries < 0", says: "counts less than no try" },
]);

const flag = "json_type(value) IN ('true', 'false')";
const lifetimes = among(["access", "refresh", "session", "idle", "fresh"]);

/** Total: a setting that is added does not compile until it is said here what it may be. */
const forms: Record<keyof Settings, string> = {
  url: "json_type(value) = 'text' AND json_extract(value, '$') GLOB 'http*://?*'",
  registration: "json_extract(value, '$') IN ('closed', 'invite', 'open')",
  localLogin: flag,
  mailLogin: flag,
  auditDays: "json_type(value) = 'integer' AND json_extract(value, '$') BETWEEN 1 AND 3650",
  forwardBypass: `json_type(value) = 'array' AND NOT EXISTS (
    SELECT 1 FROM json_each(settings.value) WHERE type <> 'object'
      OR ifnull(json_extract(value, '$.host'), '') NOT GLOB '[a-z0-9_-]*'
      OR ifnull(json_extract(value, '$.pathPrefix'), '') NOT GLOB '/*')`,
  formerHost: `json_type(value) = 'object' AND json_extract(value, '$.host') NOT GLOB '*[^a-z0-9._-]*'
    AND json_extract(value, '$.since') GLOB '????-??-??T*Z'`,
  lifetimes: `json_type(value) = 'object' AND NOT EXISTS (
    SELECT 1 FROM json_each(settings.value) WHERE key NOT IN ${lifetimes} OR type <> 'integer' OR atom < 60)`,
};

const cases = Object.entries(forms).map(([name, form]) => `WHEN '${name}' THEN NOT (${form})`);

const settings = check("settings", [
  {
    table: "settings",
    where: `CASE WHEN json_valid(value) THEN CASE name ${cases.join(" ")} ELSE 1 END ELSE 1 END`,
    says: "is none there is, or has a value that cannot be",
  },
]);

export const accountChecks: readonly Check<House>[] = [
  names,
  identities,
  counts,
  powers,
  devices,
  twoFactor,
  settings,
];
