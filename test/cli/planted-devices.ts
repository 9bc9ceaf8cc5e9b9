import { type Planted, rows } from "./planted.ts";

const grace = "(SELECT id FROM users WHERE username = 'grace')";
const bob = "(SELECT id FROM users WHERE username = 'bob')";
const name = `dev_${"0".repeat(26)}`;
const hash = "A".repeat(43);

/** A device that is as it should be but for `facts`, in SQL. */
function planted(facts: Readonly<Record<string, string>>): string {
  const columns = {
    id: `'${name}'`,
    code_mac: `'${hash}'`,
    token_hash: `'${hash}'`,
    kind: "'mobile'",
    status: "'pending'",
    ip: "'10.0.0.7'",
    created_at: "1000",
    expires_at: "2000",
    ...facts,
  };
  return `INSERT INTO devices (${Object.keys(columns).join(", ")}) VALUES (${Object.values(columns).join(", ")})`;
}

const letIn = { status: "'authorized'", decided_by: grace, decided_in: "'ses_a'", decided_at: "1500" };

/** Devices that cannot be. */
export const deviceFaults: readonly Planted[] = [
  rows(
    "words: a kind of device there is not",
    /^devices: its kind is none there is: dev_/,
    planted({ kind: "'web'" }),
  ),
  rows(
    "words: a state there is not",
    /^devices: its status is none there is: dev_/,
    planted({ status: "'expired'" }),
  ),
  rows(
    "secrets: a code that lies open",
    /^devices: its code is kept as something else than a keyed hash: dev_/,
    planted({ code_mac: "'ABCD-2345'" }),
  ),
  rows(
    "secrets: a poll token that lies open",
    /^devices: its token is kept as something else than a hash: dev_/,
    planted({ token_hash: `'${"ab".repeat(32)}'` }),
  ),
  rows(
    "times: a decision before all time",
    /^devices: decided_at is no time: dev_/,
    planted({ ...letIn, decided_at: "-1" }),
  ),
  rows(
    "devices: one that nobody let in",
    /^devices: let in by nobody: dev_/,
    planted({ ...letIn, decided_by: "NULL" }),
  ),
  rows(
    "devices: one that was claimed at no time",
    /^devices: claimed, or not, at odds with when it was: dev_/,
    planted({ ...letIn, status: "'claimed'" }),
  ),
  rows(
    "devices: one that was claimed and still waits",
    /^devices: claimed, or not, at odds with when it was: dev_/,
    planted({ claimed_at: "1600" }),
  ),
  rows(
    "devices: one that was not its maker's to decide",
    /^devices: decided by somebody else than who made it: dev_/,
    planted({ ...letIn, created_by: bob }),
  ),
  rows(
    "powers: a device that somebody disabled let in",
    /^devices: lets a device in, and whoever authorized it is disabled: dev_/,
    "UPDATE sessions SET ended_at = expires_at",
    "DELETE FROM recoveries",
    "UPDATE users SET disabled_at = created_at WHERE username = 'grace'",
    planted(letIn),
  ),
];
