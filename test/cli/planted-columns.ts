import { type Planted, rows } from "./planted.ts";

const oneSession = "WHERE id = (SELECT min(id) FROM sessions)";
const bob = "WHERE username = 'bob'";

/** Columns that hold what they cannot. */
export const columnFaults: readonly Planted[] = [
  rows(
    "times: a session that ended before it began",
    /^sessions: ended before it began: ses_\w{26}$/,
    `UPDATE sessions SET ended_at = created_at - 1 ${oneSession}`,
  ),
  rows(
    "times: a session that expired before it began",
    /^sessions: expired before it was made: ses_/,
    `UPDATE sessions SET expires_at = created_at - 1 ${oneSession}`,
  ),
  rows(
    "times: a link that expired before it was made",
    /^recoveries: expired before it was made: usr_/,
    "UPDATE recoveries SET expires_at = created_at - 1",
  ),
  rows(
    "times: a session that was seen before it began",
    /^sessions: seen before it began: ses_/,
    `UPDATE sessions SET last_seen_at = created_at - 1 ${oneSession}`,
  ),
  rows(
    "times: a token that was spent before it was made",
    /^bootstraps: spent before it was made: bst_/,
    "UPDATE bootstraps SET spent_at = created_at - 1",
  ),
  rows(
    "times: a time beyond all calendars",
    /^users: created_at is no time: usr_\w{26}$/,
    `UPDATE users SET created_at = 8640000000000001 ${bob}`,
  ),
  rows(
    "times: a time before there was any, many times",
    /^audit: at is no time: aud_\w+, aud_\w+, aud_\w+ and \d+ more$/,
    "UPDATE audit SET at = -1",
  ),
  rows(
    "words: a role there is not",
    /^users: its role is none there is: usr_/,
    `UPDATE users SET role = 'root' ${bob}`,
  ),
  rows(
    "words: an invitation to a role there is not",
    /^invites: its role is none there is: inv_/,
    "UPDATE invites SET role = 'root'",
  ),
  rows(
    "words: a kind of session there is not",
    /^sessions: its kind is none there is: ses_/,
    `UPDATE sessions SET kind = 'fax' ${oneSession}`,
  ),
  rows(
    "words: a half-finished sign-in for what there is not",
    /^proofs: its purpose is none there is: usr_/,
    `INSERT INTO proofs SELECT '${"h".repeat(43)}', 'fax', id, '["pwd"]', 0, created_at, created_at, NULL FROM users ${bob}`,
  ),
  rows(
    "secrets: a backup code as it is",
    /^backup_codes: its code is kept as something else than a keyed hash: usr_/,
    `UPDATE users SET two_factor_at = created_at ${bob}`,
    `INSERT INTO totps SELECT id, '${"s".repeat(60)}', -1, created_at, NULL FROM users ${bob}`,
    `INSERT INTO backup_codes SELECT id, '7k3mq-x9c2p' FROM users ${bob}`,
  ),
  rows(
    "secrets: an app's secret as it is",
    /^totps: what should be sealed is something else: usr_/,
    `UPDATE users SET two_factor_at = created_at ${bob}`,
    `INSERT INTO totps SELECT id, 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', -1, created_at, NULL FROM users ${bob}`,
  ),
  rows(
    "words: a kind of set-up token there is not",
    /^bootstraps: its kind is none there is: bst_/,
    "UPDATE bootstraps SET kind = 'second_run'",
  ),
  rows(
    "words: a kind of known place there is not",
    /^known: its kind is none there is: usr_/,
    "UPDATE known SET kind = 'dream' WHERE kind = 'address'",
  ),
  rows(
    "words: a method there is not",
    /^sessions: one of its methods is none there is: ses_/,
    `UPDATE sessions SET methods = '["pwd","magic"]' ${oneSession}`,
  ),
  rows(
    "times: a key that was used before it was made",
    /^api_keys: used before it was made: key_/,
    "UPDATE api_keys SET last_used_at = created_at - 1",
  ),
  rows(
    "words: a scope there is not",
    /^api_keys: one of its scopes is none there is: key_/,
    `UPDATE api_keys SET scopes = '["profile:read","house:burn"]'`,
  ),
  rows(
    "json: scopes that are no list",
    /^api_keys: its scopes are no list: key_/,
    "UPDATE api_keys SET scopes = '{}'",
  ),
  rows(
    "secrets: more of a key than how it begins",
    /^api_keys: more of its key is kept than how it begins: key_/,
    "UPDATE api_keys SET prefix = prefix || 'x'",
  ),
  rows(
    "words: an event there is not",
    /^audit: its event is none there is: aud_/,
    "UPDATE audit SET event = 'user.teleported' WHERE event = 'bootstrap.completed'",
  ),
  rows(
    "words: a result there is not",
    /^audit: its result is none there is: aud_/,
    "UPDATE audit SET result = 'maybe' WHERE event = 'bootstrap.completed'",
  ),
  rows(
    "words: a factor there is not",
    /^throttles: its factor is none there is: 1 of its rows$/,
    "UPDATE throttles SET factor = 'charm'",
  ),
  rows(
    "json: methods that do not parse",
    /^sessions: its methods are no list: ses_/,
    `UPDATE sessions SET methods = '["pwd"' ${oneSession}`,
  ),
  rows(
    "json: methods that are no list",
    /^audit: its methods are no list: aud_/,
    "UPDATE audit SET methods = '{}' WHERE event = 'bootstrap.completed'",
  ),
  rows(
    "json, settings: a setting that does not parse",
    /^settings: its value does not parse: registration$/,
    "UPDATE settings SET value = 'open' WHERE name = 'registration'",
  ),
  rows(
    "identifiers: an identifier that is none of ours",
    /^audit: its id is none of ours: \(no name\)$/,
    "UPDATE audit SET id = '../etc/passwd' WHERE event = 'bootstrap.completed'",
  ),
  rows(
    "types, times: text where a number belongs",
    /^users: created_at is no integer: usr_/,
    `UPDATE users SET created_at = 'yesterday' ${bob}`,
  ),
  rows(
    "types: bytes where text belongs",
    /^users: name is no text: usr_/,
    `UPDATE users SET name = x'00ff' ${bob}`,
  ),
];
