/** Every way to write there is, tried on Ada and Bob, and whether it changes what reads remember. */
import type { Reads, Writes } from "../../src/identity/store.ts";
import {
  apiKey,
  at,
  auditEntry,
  bootstrapToken,
  ceremony,
  codeKey,
  day,
  device,
  invite,
  mail,
  mailCode,
  passkey,
  proof,
  recovery,
  refreshToken,
  session,
  signingKey,
  tenant,
  totp,
  user,
} from "./sample.ts";
import { identity, provider } from "./sample-upstream.ts";

export const ada = user("ada", { passwordHash: "old" });
export const bob = user("bob");

/** `changes`: whether a check or the settings are different afterwards. */
export interface Act {
  readonly changes: boolean;
  readonly act: (tx: Writes) => Promise<unknown>;
}

type OwnVerb<Noun extends keyof Writes> = Exclude<
  keyof Writes[Noun],
  Noun extends keyof Reads ? keyof Reads[Noun] : never
>;
type Verb = { [Noun in keyof Writes]: `${Noun}.${OwnVerb<Noun> & string}` }[keyof Writes];

/** Total: a new verb does not compile until somebody has said here whether it changes what is remembered. */
export const verbs: Record<Verb, Record<string, Act>> = {
  "apiKeys.attach": {
    "": { changes: true, act: (tx) => tx.apiKeys.attach("key_k", null, "ses_a") },
    "over another one": { changes: false, act: (tx) => tx.apiKeys.attach("key_k", "ses_b", "ses_a") },
  },
  "apiKeys.delete": {
    "by its owner": { changes: true, act: (tx) => tx.apiKeys.delete("key_k", ada.id) },
    "that is not the owner's": { changes: false, act: (tx) => tx.apiKeys.delete("key_k", bob.id) },
  },
  "apiKeys.deleteFor": {
    "": { changes: true, act: (tx) => tx.apiKeys.deleteFor(ada.id) },
    "of somebody without": { changes: false, act: (tx) => tx.apiKeys.deleteFor(bob.id) },
  },
  "apiKeys.insert": { "": { changes: true, act: (tx) => tx.apiKeys.insert(apiKey("new", bob)) } },
  "apiKeys.seen": {
    later: { changes: true, act: (tx) => tx.apiKeys.seen("key_k", at(1)) },
    earlier: { changes: false, act: (tx) => tx.apiKeys.seen("key_old", at(-1)) },
  },
  "assertions.sweep": { "": { changes: false, act: (tx) => tx.assertions.sweep(at(day)) } },
  "assertions.use": { "": { changes: false, act: (tx) => tx.assertions.use("hash_x", at(1)) } },
  "audit.append": { "": { changes: false, act: (tx) => tx.audit.append(auditEntry("a")) } },
  "audit.sweep": { "": { changes: false, act: (tx) => tx.audit.sweep(at(day), 10) } },
  "backupCodes.replace": { "": { changes: false, act: (tx) => tx.backupCodes.replace(ada.id, ["a"]) } },
  "backupCodes.spend": { "": { changes: false, act: (tx) => tx.backupCodes.spend(ada.id, "a") } },
  "bootstraps.delete": { "": { changes: false, act: (tx) => tx.bootstraps.delete("bst_first") } },
  "bootstraps.deleteBy": { "": { changes: false, act: (tx) => tx.bootstraps.deleteBy(ada.id) } },
  "bootstraps.insert": {
    "": { changes: false, act: (tx) => tx.bootstraps.insert(bootstrapToken("third")) },
  },
  "bootstraps.deleteFirstRun": { "": { changes: false, act: (tx) => tx.bootstraps.deleteFirstRun() } },
  "bootstraps.renew": {
    "": { changes: false, act: (tx) => tx.bootstraps.renew("hash_first", at(1)) },
  },
  "bootstraps.spend": { "": { changes: false, act: (tx) => tx.bootstraps.spend("hash_first", at(1)) } },
  "ceremonies.deleteFor": { "": { changes: false, act: (tx) => tx.ceremonies.deleteFor(ada.id) } },
  "ceremonies.insert": { "": { changes: false, act: (tx) => tx.ceremonies.insert(ceremony("c"), 64) } },
  "ceremonies.spend": { "": { changes: false, act: (tx) => tx.ceremonies.spend("hash_c", at(1)) } },
  "ceremonies.sweep": { "": { changes: false, act: (tx) => tx.ceremonies.sweep(at(day)) } },
  "devices.claim": { "": { changes: false, act: (tx) => tx.devices.claim("dev_a", at(1)) } },
  "devices.decide": {
    "": {
      changes: false,
      act: (tx) => tx.devices.decide("dev_a", { status: "denied", by: ada.id, in: "ses_a", at: at(1) }),
    },
  },
  "devices.insert": { "": { changes: false, act: (tx) => tx.devices.insert(device("new")) } },
  "devices.sweep": { "": { changes: false, act: (tx) => tx.devices.sweep(at(day)) } },
  "devices.withdraw": { "": { changes: false, act: (tx) => tx.devices.withdraw("dev_a") } },
  "devices.withdrawFor": { "": { changes: false, act: (tx) => tx.devices.withdrawFor(ada.id) } },
  "guardedHosts.seen": { "": { changes: false, act: (tx) => tx.guardedHosts.seen("a.example", at(1)) } },
  "guardedHosts.sweep": { "": { changes: false, act: (tx) => tx.guardedHosts.sweep(1) } },
  "house.beat": { "": { changes: false, act: (tx) => tx.house.beat(at(1)) } },
  "house.setKeyCheck": { "": { changes: false, act: (tx) => tx.house.setKeyCheck("check") } },
  "house.setListening": { "": { changes: false, act: (tx) => tx.house.setListening("http://a") } },
  "identities.delete": { "": { changes: false, act: (tx) => tx.identities.delete("idn_a", ada.id) } },
  "identities.deleteFor": { "": { changes: false, act: (tx) => tx.identities.deleteFor(ada.id) } },
  "identities.insert": { "": { changes: false, act: (tx) => tx.identities.insert(identity("a", ada)) } },
  "identities.used": { "": { changes: false, act: (tx) => tx.identities.used("idn_a", at(1)) } },
  "invites.delete": { "": { changes: false, act: (tx) => tx.invites.delete("inv_first") } },
  "invites.deleteBy": { "": { changes: false, act: (tx) => tx.invites.deleteBy(ada.id) } },
  "invites.insert": { "": { changes: false, act: (tx) => tx.invites.insert(invite("third")) } },
  "invites.use": { "": { changes: false, act: (tx) => tx.invites.use("hash_first", at(1)) } },
  "known.forget": { "": { changes: false, act: (tx) => tx.known.forget(ada.id, ["address"]) } },
  "known.note": { "": { changes: false, act: (tx) => tx.known.note(ada.id, "address", "::1", at(1)) } },
  "known.inherit": { "": { changes: false, act: (tx) => tx.known.inherit("old", "new", at(1), 16) } },
  "mailCodes.deleteFor": { "": { changes: false, act: (tx) => tx.mailCodes.deleteFor("ada@example.com") } },
  "mailCodes.fail": { "": { changes: false, act: (tx) => tx.mailCodes.fail(codeKey, at(1)) } },
  "mailCodes.forgetTries": { "": { changes: false, act: (tx) => tx.mailCodes.forgetTries(codeKey) } },
  "mailCodes.noteSending": { "": { changes: false, act: (tx) => tx.mailCodes.noteSending(codeKey, at(1)) } },
  "mailCodes.put": { "": { changes: false, act: (tx) => tx.mailCodes.put(mailCode()) } },
  "mailCodes.sendings": { "": { changes: false, act: (tx) => tx.mailCodes.sendings(codeKey, at(0)) } },
  "mailCodes.spend": { "": { changes: false, act: (tx) => tx.mailCodes.spend(codeKey, "mac") } },
  "mailCodes.sweep": { "": { changes: false, act: (tx) => tx.mailCodes.sweep(at(day), at(day)) } },
  "mailCodes.tries": { "": { changes: false, act: (tx) => tx.mailCodes.tries(codeKey) } },
  "mails.delete": { "": { changes: false, act: (tx) => tx.mails.delete("mai_a") } },
  "mails.insert": { "": { changes: false, act: (tx) => tx.mails.insert(mail("b")) } },
  "mails.postpone": { "": { changes: false, act: (tx) => tx.mails.postpone("mai_a", 1, at(1)) } },
  "passkeys.delete": { "": { changes: false, act: (tx) => tx.passkeys.delete("psk_p", ada.id) } },
  "passkeys.deleteFor": { "": { changes: false, act: (tx) => tx.passkeys.deleteFor(ada.id) } },
  "passkeys.insert": { "": { changes: false, act: (tx) => tx.passkeys.insert(passkey("p", ada)) } },
  "passkeys.rename": { "": { changes: false, act: (tx) => tx.passkeys.rename("psk_p", ada.id, "new") } },
  "passkeys.use": {
    "": {
      changes: false,
      act: (tx) => tx.passkeys.use("psk_p", 0, { counter: 1, backedUp: true, lastUsedAt: at(1) }),
    },
  },
  "proofs.deleteFor": { "": { changes: false, act: (tx) => tx.proofs.deleteFor(ada.id) } },
  "proofs.fail": { "": { changes: false, act: (tx) => tx.proofs.fail("hash_p", 5) } },
  "proofs.insert": { "": { changes: false, act: (tx) => tx.proofs.insert(proof("p", ada)) } },
  "proofs.spend": { "": { changes: false, act: (tx) => tx.proofs.spend("hash_p", "second", at(1)) } },
  "proofs.sweep": { "": { changes: false, act: (tx) => tx.proofs.sweep(at(day)) } },
  "providers.put": { "": { changes: false, act: (tx) => tx.providers.put(provider()) } },
  "recoveries.deleteBy": { "": { changes: false, act: (tx) => tx.recoveries.deleteBy(ada.id) } },
  "recoveries.deleteFor": { "": { changes: false, act: (tx) => tx.recoveries.deleteFor(ada.id) } },
  "recoveries.put": { "": { changes: false, act: (tx) => tx.recoveries.put(recovery("new", ada)) } },
  "recoveries.spend": { "": { changes: false, act: (tx) => tx.recoveries.spend("hash_r", at(1)) } },
  "refreshes.insert": { "": { changes: false, act: (tx) => tx.refreshes.insert(refreshToken("ses_a")) } },
  "refreshes.rotate": { "": { changes: false, act: (tx) => tx.refreshes.rotate("hash_refresh", at(1)) } },
  "restore.endSessions": { "": { changes: true, act: (tx) => tx.restore.endSessions(at(1)) } },
  "restore.spendSteps": { "": { changes: false, act: (tx) => tx.restore.spendSteps(6) } },
  "restore.voidWaiting": { "": { changes: false, act: (tx) => tx.restore.voidWaiting() } },
  "sessions.insert": {
    "": { changes: true, act: (tx) => tx.sessions.insert(session("new", ada)) },
  },
  "sessions.end": {
    "by its owner": { changes: true, act: (tx) => tx.sessions.end("ses_a", ada.id, at(1)) },
    "by anybody": { changes: true, act: (tx) => tx.sessions.end("ses_c", null, at(1)) },
    "that is not the owner's": {
      changes: false,
      act: (tx) => tx.sessions.end("ses_a", bob.id, at(1)),
    },
  },
  "sessions.endAll": {
    "of one account": { changes: true, act: (tx) => tx.sessions.endAll(ada.id, null, at(1)) },
    "of one account but one": { changes: true, act: (tx) => tx.sessions.endAll(ada.id, "ses_a", at(1)) },
    "of every account": { changes: true, act: (tx) => tx.sessions.endAll(null, null, at(1)) },
    "of every account but one": { changes: true, act: (tx) => tx.sessions.endAll(null, "ses_c", at(1)) },
  },
  "sessions.seen": {
    later: { changes: true, act: (tx) => tx.sessions.seen("ses_b", at(1)) },
    earlier: { changes: false, act: (tx) => tx.sessions.seen("ses_b", at(-1)) },
  },
  "sessions.prove": { "": { changes: true, act: (tx) => tx.sessions.prove("ses_a", at(1)) } },
  "settings.put": {
    "": { changes: true, act: (tx) => tx.settings.put({ registration: "open" }) },
    "of a new one": { changes: true, act: (tx) => tx.settings.put({ url: "http://a" }) },
  },
  "signingKeys.insert": { "": { changes: false, act: (tx) => tx.signingKeys.insert(signingKey("k")) } },
  "signingKeys.retire": { "": { changes: false, act: (tx) => tx.signingKeys.retire(at(1)) } },
  "signingKeys.sweep": { "": { changes: false, act: (tx) => tx.signingKeys.sweep(at(1)) } },
  "sweep.dead": { "": { changes: false, act: (tx) => tx.sweep.dead(at(0)) } },
  "tenants.insert": { "": { changes: false, act: (tx) => tx.tenants.insert(tenant(ada)) } },
  "throttles.clear": { "": { changes: false, act: (tx) => tx.throttles.clear("ada") } },
  "throttles.fail": {
    "": {
      changes: false,
      act: (tx) => tx.throttles.fail({ subject: "ada", factor: "password", lane: "stranger" }, at(1)),
    },
  },
  "throttles.sweep": { "": { changes: false, act: (tx) => tx.throttles.sweep(at(day), 10) } },
  "totps.confirm": { "": { changes: false, act: (tx) => tx.totps.confirm(ada.id, "sealed", 5, at(1)) } },
  "totps.delete": { "": { changes: false, act: (tx) => tx.totps.delete(ada.id) } },
  "totps.put": { "": { changes: false, act: (tx) => tx.totps.put(totp(ada)) } },
  "totps.spendStep": { "": { changes: false, act: (tx) => tx.totps.spendStep(ada.id, 5) } },
  "users.delete": {
    "": { changes: true, act: (tx) => tx.users.delete(ada.id) },
    "of nobody": { changes: false, act: (tx) => tx.users.delete("usr_nobody") },
  },
  "users.update": {
    "of a role": { changes: true, act: (tx) => tx.users.update(ada.id, { role: "admin" }) },
    "that disables": { changes: true, act: (tx) => tx.users.update(bob.id, { disabledAt: at(1) }) },
    "of nothing": { changes: false, act: (tx) => tx.users.update(ada.id, {}) },
    "to a taken name": { changes: false, act: (tx) => tx.users.update(ada.id, { username: "bob" }) },
  },
  "users.insert": { "": { changes: false, act: (tx) => tx.users.insert(user("eve")) } },
  "users.setPassword": {
    "": { changes: true, act: (tx) => tx.users.setPassword(ada.id, "old", "new") },
    "over another one": { changes: false, act: (tx) => tx.users.setPassword(ada.id, "other", "new") },
  },
};
