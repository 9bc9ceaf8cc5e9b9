import { type Planted, rows } from "./planted.ts";

const bob = "WHERE username = 'bob'";

/** Bob gets a passkey; `change` is what is wrong with it. */
const passkey = (fault: string, says: RegExp, change: Readonly<Record<string, string>>): Planted => {
  const columns = {
    id: `'psk_${"0".repeat(26)}'`,
    user_id: "id",
    rp_id: "'localhost'",
    credential_id: "'AAAA'",
    public_key: "'pQEC'",
    counter: "0",
    name: "'Phone'",
    device_type: "'singleDevice'",
    backed_up: "0",
    transports: "'[]'",
    aaguid: "'00000000-0000-0000-0000-000000000000'",
    created_at: "created_at",
    last_used_at: "NULL",
    ...change,
  };
  const names = Object.keys(columns).join(", ");
  return rows(
    fault,
    says,
    `INSERT INTO passkeys (${names}) SELECT ${Object.values(columns).join(", ")} FROM users ${bob}`,
  );
};

const ceremony = (fault: string, says: RegExp, change: Readonly<Record<string, string>>): Planted => {
  const columns = {
    challenge_hash: `'${"h".repeat(43)}'`,
    purpose: "'register'",
    asker: "'session ses_a'",
    user_id: "id",
    named: "1",
    created_at: "created_at",
    expires_at: "created_at + 300000",
    ...change,
  };
  const names = Object.keys(columns).join(", ");
  return rows(
    fault,
    says,
    `INSERT INTO ceremonies (${names}) SELECT ${Object.values(columns).join(", ")} FROM users ${bob}`,
  );
};

const noCredential = /^passkeys: its credential is none an authenticator makes: psk_/;
const notBackedUp = /^passkeys: is backed up and cannot be: psk_/;
const nothing = /^ceremonies: asks nobody anything there is: (usr_|\(no name\))/;

export const passkeyFaults: readonly Planted[] = [
  passkey("passkeys: a credential that is none", noCredential, { credential_id: "'not base64'" }),
  passkey("passkeys: a credential that is too long", noCredential, {
    credential_id: `'${"A".repeat(1365)}'`,
  }),
  passkey("passkeys: no key", noCredential, { public_key: "''" }),
  passkey("passkeys: a host there cannot be", /^passkeys: is bound to what is no host: psk_/, {
    rp_id: "'https://localhost'",
  }),
  passkey("passkeys: a counter below nothing", /^passkeys: counts what no authenticator does: psk_/, {
    counter: "-1",
  }),
  passkey("passkeys: a copy of what cannot be copied", notBackedUp, { backed_up: "1" }),
  passkey("passkeys: a kind of device there is not", notBackedUp, { device_type: "'toaster'" }),
  passkey("passkeys: no name", /^passkeys: has no name, or one that is too long: psk_/, { name: "''" }),
  passkey("passkeys: transports that are no list", /^passkeys: its transports are no list: psk_/, {
    transports: "'{}'",
  }),
  passkey("times: a use before it was made", /^passkeys: used before it was made: psk_/, {
    last_used_at: "created_at - 1",
  }),
  ceremony("passkeys: a challenge as it is", /^ceremonies: its challenge is kept as something else/, {
    challenge_hash: "'challenge'",
  }),
  ceremony("passkeys: a ceremony for what there is not", nothing, { purpose: "'fax'" }),
  ceremony("passkeys: a registration of nobody's", nothing, { user_id: "NULL" }),
];
