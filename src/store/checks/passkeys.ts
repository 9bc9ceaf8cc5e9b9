/** What passkeys and the ceremonies about them have to be. */
import type { CeremonyPurpose } from "../../identity/ceremony.ts";
import type { Check } from "../../identity/verify.ts";
import type { DeviceType } from "../../identity/webauthn.ts";
import { among, type House, rows, type Wrong } from "./house.ts";

const encoded = (column: string) => `${column} = '' OR ${column} GLOB '*[^A-Za-z0-9_-]*'`;

/** Total, so that a word that is added to a type does not compile until it is added here. */
const deviceTypes = Object.keys({ multiDevice: 1, singleDevice: 1 } satisfies Record<DeviceType, 1>);
const purposes = Object.keys({ authenticate: 1, recovery: 1, register: 1 } satisfies Record<
  CeremonyPurpose,
  1
>);

const wrongs: readonly Wrong[] = [
  {
    table: "passkeys",
    // 1023 bytes of an id are 1364 characters.
    where: `${encoded("credential_id")} OR length(credential_id) > 1364 OR ${encoded("public_key")}`,
    says: "its credential is none an authenticator makes",
  },
  {
    table: "passkeys",
    where: "rp_id = '' OR length(rp_id) > 253 OR rp_id GLOB '*[^a-z0-9._-]*'",
    says: "is bound to what is no host",
  },
  {
    table: "passkeys",
    where: "counter NOT BETWEEN 0 AND 4294967295",
    says: "counts what no authenticator does",
  },
  {
    table: "passkeys",
    where: `device_type NOT IN ${among(deviceTypes)} OR backed_up NOT IN (0, 1)
      OR (device_type = 'singleDevice' AND backed_up = 1)`,
    says: "is backed up and cannot be",
  },
  {
    table: "passkeys",
    where: "name = '' OR length(name) > 64",
    says: "has no name, or one that is too long",
  },
  {
    table: "passkeys",
    where: "json_valid(transports) = 0 OR json_type(transports) <> 'array'",
    says: "its transports are no list",
  },
  {
    table: "ceremonies",
    where: "length(challenge_hash) <> 43 OR challenge_hash GLOB '*[^A-Za-z0-9_-]*'",
    says: "its challenge is kept as something else than a hash",
  },
  {
    table: "ceremonies",
    where: `purpose NOT IN ${among(purposes)} OR named NOT IN (0, 1) OR (named = 0 AND user_id IS NOT NULL)
      OR (purpose <> 'authenticate' AND user_id IS NULL)`,
    says: "asks nobody anything there is",
  },
];

export const passkeyChecks: readonly Check<House>[] = [
  { name: "passkeys", find: (house) => wrongs.flatMap((wrong) => rows(house, wrong)) },
];
