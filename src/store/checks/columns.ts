/**
 * What a column may hold goes by its name, in whatever table it is: a table that is added later is checked
 * without a word being said about it.
 */
import { auditEvents } from "../../identity/audit.ts";
import { deviceKinds, deviceStatuses } from "../../identity/device.ts";
import type { KnownKind } from "../../identity/known.ts";
import { permissionsOf, type Role } from "../../identity/permission.ts";
import type { ProofPurpose } from "../../identity/proof.ts";
import { sessionKinds, signInMethods } from "../../identity/session.ts";
import type { Factor } from "../../identity/throttle.ts";
import type { Check } from "../../identity/verify.ts";
import { among, columns, type House, rows, tables } from "./house.ts";

interface Rule {
  /** A table that has all of them obeys. */
  readonly columns: readonly string[];

  /** This table alone. */
  readonly table?: string;

  /** Finds the rows that do not. */
  readonly where: string;

  readonly says: string;
}

const check = (name: string, rules: readonly Rule[]): Check<House> => ({
  name,
  find: (house) =>
    rules.flatMap(({ columns: needed, table: only, where, says }) =>
      tables(house.db)
        .filter((table) => only === undefined || table === only)
        .filter((table) => needed.every((column) => columns(house.db, table).includes(column)))
        .flatMap((table) => rows(house, { table, where, says })),
    ),
});

const lastInstant = 8_640_000_000_000_000;

const instants = ["at", "created_at", "disabled_at", "ended_at", "expires_at", "first_at", "last_at"];
const moreInstants = [
  "claimed_at",
  "decided_at",
  "last_seen_at",
  "last_used_at",
  "pending_until",
  "proved_at",
  "spent_at",
  "two_factor_at",
];

const times = check("times", [
  ...[...instants, ...moreInstants].map((column) => ({
    columns: [column],
    where: `${column} NOT BETWEEN 0 AND ${lastInstant}`,
    says: `${column} is no time`,
  })),
  {
    columns: ["created_at", "expires_at"],
    where: "expires_at < created_at",
    says: "expired before it was made",
  },
  { columns: ["created_at", "ended_at"], where: "ended_at < created_at", says: "ended before it began" },
  { columns: ["created_at", "spent_at"], where: "spent_at < created_at", says: "spent before it was made" },
  {
    columns: ["created_at", "last_seen_at"],
    where: "last_seen_at < created_at",
    says: "seen before it began",
  },
  {
    columns: ["created_at", "last_used_at"],
    where: "last_used_at < created_at",
    says: "used before it was made",
  },
]);

/** Total, so that a word that is added to a type does not compile until it is added here. */
const roles = Object.keys({ admin: 1, member: 1 } satisfies Record<Role, 1>);
const factors = Object.keys({ mail_code: 1, password: 1, second: 1 } satisfies Record<Factor, 1>);
const proofPurposes = Object.keys({ passkey: 1, second: 1, upstream: 1 } satisfies Record<ProofPurpose, 1>);
const knownKinds = Object.keys({ address: 1, browser: 1, written: 1 } satisfies Record<KnownKind, 1>);

const unknownMethod = `EXISTS (
  SELECT 1 FROM json_each(CASE WHEN json_valid(methods) THEN methods ELSE '[]' END)
  WHERE value NOT IN ${among(signInMethods)})`;

const unknownScope = `EXISTS (
  SELECT 1 FROM json_each(CASE WHEN json_valid(scopes) THEN scopes ELSE '[]' END)
  WHERE value NOT IN ${among(permissionsOf("admin"))})`;

const word = (column: string, words: readonly string[], table?: string): Rule => ({
  columns: [column],
  where: `${column} NOT IN ${among(words)}`,
  says: `its ${column} is none there is`,
  ...(table !== undefined && { table }),
});

const words = check("words", [
  word("role", roles),
  word("kind", sessionKinds, "sessions"),
  word("kind", ["first_run", "admin"], "bootstraps"),
  word("kind", knownKinds, "known"),
  word("kind", deviceKinds, "devices"),
  word("status", deviceStatuses, "devices"),
  word("factor", factors),
  word("purpose", proofPurposes, "proofs"),
  word("event", auditEvents),
  word("result", ["ok", "refused"]),
  { columns: ["methods"], where: unknownMethod, says: "one of its methods is none there is" },
  { columns: ["scopes"], table: "api_keys", where: unknownScope, says: "one of its scopes is none there is" },
]);

const identifiers = check("identifiers", [
  {
    columns: ["id"],
    where:
      "length(id) <> 30 OR id NOT GLOB '[a-z][a-z][a-z]_*' OR substr(id, 5) GLOB '*[^0-9a-hjkmnp-tv-z]*'",
    says: "its id is none of ours",
  },
]);

/** Anything else in these columns could be a secret somebody can use. */
const secrets = check("secrets", [
  {
    columns: ["token_hash"],
    where: "length(token_hash) <> 43 OR token_hash GLOB '*[^A-Za-z0-9_-]*'",
    says: "its token is kept as something else than a hash",
  },
  {
    columns: ["prefix"],
    where: "length(prefix) <> 9 OR prefix NOT GLOB 'hk_*'",
    says: "more of its key is kept than how it begins",
  },
  {
    columns: ["code_mac"],
    where: "length(code_mac) <> 43 OR code_mac GLOB '*[^A-Za-z0-9_-]*'",
    says: "its code is kept as something else than a keyed hash",
  },
  {
    columns: ["sealed"],
    where: "length(sealed) < 38 OR sealed GLOB '*[^A-Za-z0-9_-]*'",
    says: "what should be sealed is something else",
  },
  {
    columns: ["password_hash"],
    where: "password_hash NOT GLOB '$argon2id$v=19$m=*,t=*,p=*$*$*'",
    says: "its password is kept as something else than an argon2id hash",
  },
]);

export const columnChecks: readonly Check<House>[] = [times, words, identifiers, secrets];
