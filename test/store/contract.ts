/** What the core relies on, whatever engine keeps the rows: one suite, run for each of them. */
import { describe, test } from "bun:test";
import { apiKeyContract } from "./contract/api-key.ts";
import { auditContract } from "./contract/audit.ts";
import { bootstrapContract } from "./contract/bootstrap.ts";
import { deviceContract } from "./contract/device.ts";
import { factorContract } from "./contract/factor.ts";
import { guardedHostContract } from "./contract/guarded-host.ts";
import { houseContract } from "./contract/house.ts";
import { inviteContract } from "./contract/invite.ts";
import type { It, Open } from "./contract/it.ts";
import { knownContract } from "./contract/known.ts";
import { lateContract } from "./contract/late.ts";
import { passkeyContract } from "./contract/passkey.ts";
import { recoveryContract } from "./contract/recovery.ts";
import { restoreContract } from "./contract/restore.ts";
import { sessionContract } from "./contract/session.ts";
import { sessionListContract } from "./contract/session-list.ts";
import { settingsContract } from "./contract/settings.ts";
import { spaContract } from "./contract/spa.ts";
import { throttleContract } from "./contract/throttle.ts";
import { upstreamContract } from "./contract/upstream.ts";
import { userContract } from "./contract/user.ts";
import { userListContract } from "./contract/user-list.ts";
import { writeContract } from "./contract/write.ts";

export function storeContract(name: string, open: Open): void {
  const it: It = (sentence, run) =>
    test(sentence, async () => {
      const { store, close } = await open();
      try {
        await run(store);
      } finally {
        await close();
      }
    });

  describe(`${name}: writes`, () => writeContract(it));
  describe(`${name}: what comes too late or past the tx`, () => lateContract(it));
  describe(`${name}: users`, () => userContract(it));
  describe(`${name}: users together`, () => userListContract(it));
  describe(`${name}: sessions`, () => sessionContract(it));
  describe(`${name}: sessions together`, () => sessionListContract(it));
  describe(`${name}: bootstrap tokens`, () => bootstrapContract(it));
  describe(`${name}: invitations`, () => inviteContract(it));
  describe(`${name}: passkeys and ceremonies`, () => passkeyContract(it));
  describe(`${name}: recoveries`, () => recoveryContract(it));
  describe(`${name}: a restore`, () => restoreContract(it));
  describe(`${name}: API keys`, () => apiKeyContract(it));
  describe(`${name}: refresh tokens, codes, letters, keys and tenants`, () => spaContract(it));
  describe(`${name}: second factors and proofs`, () => factorContract(it));
  describe(`${name}: other providers, their people, and what is used once`, () => upstreamContract(it));
  describe(`${name}: devices`, () => deviceContract(it));
  describe(`${name}: throttles`, () => throttleContract(it));
  describe(`${name}: the audit log`, () => auditContract(it));
  describe(`${name}: known places`, () => knownContract(it));
  describe(`${name}: settings`, () => settingsContract(it));
  describe(`${name}: guarded hosts`, () => guardedHostContract(it));
  describe(`${name}: the house`, () => houseContract(it));
}
