import { type Planted, rows } from "./planted.ts";

const bob = "WHERE username = 'bob'";
const grace = "(SELECT id FROM users WHERE username = 'grace')";

/** Rows that cannot be beside each other, and a database that is not ours. */
export const rowFaults: readonly Planted[] = [
  rows(
    "names: a username that is not in lower case",
    /^users: its username is none, or not in lower case: usr_/,
    `UPDATE users SET username = 'Bob' ${bob}`,
  ),
  rows(
    "names: a username with an @",
    /^users: its username is none/,
    `UPDATE users SET username = 'bob@home' ${bob}`,
  ),
  rows(
    "names: two usernames that differ by case alone",
    /^users: shares its username but for case: usr_\w{26}, usr_\w{26}$/,
    `UPDATE users SET username = 'GRACE' ${bob}`,
  ),
  rows(
    "names: two addresses that differ by case alone",
    /^users: shares its address but for case: usr_\w{26}, usr_\w{26}$/,
    `UPDATE users SET email = 'GRACE@example.org' ${bob}`,
  ),
  rows(
    "names: a verified address that is not there",
    /^users: an address is verified that it does not have: usr_/,
    `UPDATE users SET email_verified = 1 ${bob}`,
  ),
  rows(
    "identities: an identity that is nobody's",
    /^identities: names nobody at another provider: idn_/,
    "UPDATE identities SET subject = ''",
  ),
  rows(
    "identities: a provider without an address",
    /^providers: is no provider that could be asked: Example$/,
    "UPDATE providers SET issuer = 'ftp://id.example.org'",
  ),
  rows(
    "identities: a provider's secret that lies open",
    /^providers: its secret is kept as something else than sealed: Example$/,
    "UPDATE providers SET sealed_secret = 'hunter2'",
  ),
  rows(
    "counts: an invitation with more uses left than it had",
    /^invites: has more or fewer uses left than there can be: inv_/,
    "UPDATE invites SET uses_left = uses + 1",
  ),
  rows(
    "counts: an invitation with less than nothing left",
    /^invites: has more or fewer uses left than there can be: inv_/,
    "UPDATE invites SET uses_left = -1",
  ),
  rows(
    "counts: a throttle that counts nothing",
    /^throttles: counts no failure: 1 of its rows$/,
    "UPDATE throttles SET failures = 0",
  ),
  rows(
    "second factors: an account that asks for what it does not have",
    /^users: asks for a second factor that it does not have: usr_/,
    `UPDATE users SET two_factor_at = created_at ${bob}`,
  ),
  rows(
    "second factors: an app whose codes nobody asks for",
    /^totps: a second factor that nobody asks for: usr_/,
    `INSERT INTO totps SELECT id, '${"s".repeat(60)}', -1, created_at, NULL FROM users ${bob}`,
  ),
  rows(
    "second factors: backup codes without two-factor",
    /^backup_codes: a backup code of an account without two-factor: usr_/,
    `INSERT INTO backup_codes SELECT id, '${"m".repeat(43)}' FROM users ${bob}`,
  ),
  rows(
    "second factors: a half-finished sign-in with less than no try",
    /^proofs: counts less than no try: usr_/,
    `INSERT INTO proofs SELECT '${"h".repeat(43)}', 'second', id, '["pwd"]', -1, created_at, created_at, NULL FROM users ${bob}`,
  ),
  rows(
    "powers: a recovery link for a disabled account",
    /^recoveries: a recovery link for an account that is disabled: usr_/,
    "UPDATE sessions SET ended_at = expires_at",
    "UPDATE users SET disabled_at = created_at WHERE username = 'grace'",
  ),
  rows(
    "powers: an open session of a disabled account",
    /^sessions: open although its account is disabled: ses_/,
    "DELETE FROM recoveries",
    "UPDATE users SET disabled_at = created_at WHERE username = 'grace'",
  ),
  rows(
    "powers: a key of a disabled account",
    /^api_keys: a key of an account that is disabled: key_\w{26}$/,
    "DELETE FROM recoveries",
    "UPDATE sessions SET ended_at = expires_at",
    `UPDATE api_keys SET session_id = NULL, user_id = ${grace}`,
    "UPDATE users SET disabled_at = created_at WHERE username = 'grace'",
  ),
  rows(
    "powers: a key with a session of a person",
    /^api_keys: its session is none of its own: key_/,
    "UPDATE sessions SET kind = 'web' WHERE kind = 'api_key'",
  ),
  rows(
    "powers: an invitation by somebody who is no admin",
    /^invites: makes an account, and whoever invited is no admin any more: inv_/,
    `UPDATE invites SET created_by = ${grace}`,
  ),
  rows(
    "powers: a token that makes admins, by somebody who is gone",
    /^bootstraps: makes an admin, and whoever minted it is none any more: bst_/,
    "UPDATE bootstraps SET kind = 'admin', spent_at = NULL, created_by = 'usr_gone'",
  ),
  rows(
    "settings: a setting there is not",
    /^settings: is none there is, or has a value that cannot be: colour$/,
    `INSERT INTO settings VALUES ('colour', '"red"')`,
  ),
  rows(
    "settings: settings with values that cannot be",
    /^settings: is none there is, or has a value that cannot be: \w+, \w+, \w+ and 2 more$/,
    `INSERT OR REPLACE INTO settings VALUES
       ('registration', '"ajar"'), ('auditDays', '0'), ('lifetimes', '{"idle":1}'), ('mailLogin', '1'),
       ('formerHost', '{"host":"https://old.example","since":"2026-01-01T00:00:00.000Z"}')`,
  ),
  rows(
    "settings: open paths that are none",
    /^settings: is none there is, or has a value that cannot be: forwardBypass$/,
    `INSERT OR REPLACE INTO settings VALUES
       ('forwardBypass', '[{"host":"a.example","pathPrefix":"/"},{"host":"a.example","pathPrefix":"x"}]')`,
  ),
  rows(
    "settings: open paths of no host",
    /^settings: is none there is, or has a value that cannot be: forwardBypass$/,
    `INSERT OR REPLACE INTO settings VALUES ('forwardBypass', '[{"pathPrefix":"/"}]')`,
  ),
  rows(
    "times: a guarded host seen before there was time",
    /^guarded_hosts: first_at is no time: 1 of its rows$/,
    "INSERT INTO guarded_hosts VALUES ('app.example.org', -1, 1)",
  ),
  rows(
    "admins, powers: nobody who is an admin",
    /^no admin can sign in; "housekey bootstrap-token" prints a link that makes one$/,
    "UPDATE users SET role = 'member'",
  ),
  rows(
    "admins, powers: no account at all",
    /^there once was an admin, and now there is no account at all/,
    ...["users", "sessions", "known", "recoveries", "api_keys", "identities"].map(
      (table) => `DELETE FROM ${table}`,
    ),
  ),
  rows(
    "first run: a first-run token that was not spent",
    /^the first run is over, but its token was not spent$/,
    "UPDATE bootstraps SET spent_at = NULL",
  ),
  rows(
    "references: a row of an account that is gone",
    /^recoveries: belongs to none of users: 1 rows$/,
    "UPDATE recoveries SET user_id = 'usr_gone'",
  ),
  rows(
    "schema: an index that is missing",
    /^the index sessions_user_id is missing$/,
    "DROP INDEX sessions_user_id",
  ),
  rows(
    "schema: a trigger that is not ours",
    /^the trigger spy is not ours$/,
    "CREATE TRIGGER spy AFTER INSERT ON sessions BEGIN SELECT 1; END",
  ),
  rows(
    "schema: a table that is another",
    /^the table users is another than the migrations make$/,
    "ALTER TABLE users ADD COLUMN shoe_size integer",
  ),
  rows(
    "migrations: a migration that was not applied",
    /^0001_people.sql was not applied$/,
    "DELETE FROM migrations WHERE name = '0001_people.sql'",
  ),
  rows(
    "migrations: a migration of a newer version",
    /^one is of a newer housekey$/,
    "INSERT INTO migrations VALUES ('9999_future.sql')",
  ),
  rows(
    "master key: no word of the master key",
    /^the database does not say which one it was made with$/,
    "DELETE FROM house WHERE name = 'key_check'",
  ),
];
