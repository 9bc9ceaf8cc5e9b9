import type { ApiKeyReads, ApiKeyWrites } from "./api-key.ts";
import type { AssertionWrites } from "./assertion.ts";
import type { AuditReads, AuditWrites } from "./audit.ts";
import type { BackupCodeReads, BackupCodeWrites } from "./backup-code.ts";
import type { BootstrapReads, BootstrapWrites } from "./bootstrap.ts";
import type { CeremonyReads, CeremonyWrites } from "./ceremony.ts";
import type { DeviceReads, DeviceWrites } from "./device.ts";
import type { GuardedHostReads, GuardedHostWrites } from "./guarded-host.ts";
import type { HouseReads, HouseWrites } from "./house.ts";
import type { IdentityReads, IdentityWrites } from "./identity.ts";
import type { InviteReads, InviteWrites } from "./invite.ts";
import type { KnownReads, KnownWrites } from "./known.ts";
import type { MailReads, MailWrites } from "./mail.ts";
import type { MailCodeReads, MailCodeWrites } from "./mail-code.ts";
import type { PasskeyReads, PasskeyWrites } from "./passkey.ts";
import type { ProofReads, ProofWrites } from "./proof.ts";
import type { ProviderReads, ProviderWrites } from "./provider.ts";
import type { RecoveryReads, RecoveryWrites } from "./recovery.ts";
import type { RefreshReads, RefreshWrites } from "./refresh.ts";
import type { RestoreWrites } from "./restore.ts";
import type { SessionReads, SessionWrites } from "./session.ts";
import type { SettingsReads, SettingsWrites } from "./settings.ts";
import type { SigningKeyReads, SigningKeyWrites } from "./signing-key.ts";
import type { SweepWrites } from "./sweep.ts";
import type { TenantReads, TenantWrites } from "./tenant.ts";
import type { ThrottleReads, ThrottleWrites } from "./throttle.ts";
import type { TotpReads, TotpWrites } from "./totp.ts";
import type { UserReads, UserWrites } from "./user.ts";

/**
 * The persistence contract; `store/` implements it, with queries written once for every engine.
 *
 * Finders resolve to `null` when nothing matches. A write named after a transition compares and sets: it
 * resolves to `null` when another caller got there first.
 */
export interface Store {
  readonly read: Reads;

  /**
   * Does `work` for a request that just came by a socket. What it reads at once may be of the moment at which the first
   * of those requests was served that were waiting together.
   */
  together<Result>(work: () => Result): Result;

  /**
   * Runs `work` atomically; the only way to write. Resolves once the commit is on disk.
   *
   * Use the `tx` it is given, one statement after the other (no `Promise.all`: when one fails, a sibling
   * must not still be running). A nested `write`, a read past the tx and a statement after the end throw.
   * Never await anything slow in here: it holds the one writer there is. An engine may run `work` twice, so
   * it has no effect outside `tx`.
   *
   * Refuses: `STORE_UNAVAILABLE` when the disk is full, the database damaged, or another process held the
   * lock too long; `cause` is the engine's own error. Once a flush has failed every write is refused, until the
   * store is opened again; the one that met it may be there then, or not.
   */
  write<T>(work: (tx: Writes) => Promise<T>): Promise<T>;

  /** Waits for what is being written, then lets go of the files. */
  close(): Promise<void>;
}

export interface Reads {
  readonly apiKeys: ApiKeyReads;
  readonly audit: AuditReads;
  readonly backupCodes: BackupCodeReads;
  readonly bootstraps: BootstrapReads;
  readonly ceremonies: CeremonyReads;
  readonly devices: DeviceReads;
  readonly guardedHosts: GuardedHostReads;
  readonly house: HouseReads;
  readonly identities: IdentityReads;
  readonly invites: InviteReads;
  readonly known: KnownReads;
  readonly mailCodes: MailCodeReads;
  readonly mails: MailReads;
  readonly passkeys: PasskeyReads;
  readonly proofs: ProofReads;
  readonly providers: ProviderReads;
  readonly recoveries: RecoveryReads;
  readonly refreshes: RefreshReads;
  readonly sessions: SessionReads;
  readonly settings: SettingsReads;
  readonly signingKeys: SigningKeyReads;
  readonly tenants: TenantReads;
  readonly throttles: ThrottleReads;
  readonly totps: TotpReads;
  readonly users: UserReads;
}

export interface Writes {
  readonly apiKeys: ApiKeyWrites;
  readonly assertions: AssertionWrites;
  readonly audit: AuditWrites;
  readonly backupCodes: BackupCodeWrites;
  readonly bootstraps: BootstrapWrites;
  readonly ceremonies: CeremonyWrites;
  readonly devices: DeviceWrites;
  readonly guardedHosts: GuardedHostWrites;
  readonly house: HouseWrites;
  readonly identities: IdentityWrites;
  readonly invites: InviteWrites;
  readonly known: KnownWrites;
  readonly mailCodes: MailCodeWrites;
  readonly mails: MailWrites;
  readonly passkeys: PasskeyWrites;
  readonly proofs: ProofWrites;
  readonly providers: ProviderWrites;
  readonly recoveries: RecoveryWrites;
  readonly refreshes: RefreshWrites;
  readonly restore: RestoreWrites;
  readonly sessions: SessionWrites;
  readonly settings: SettingsWrites;
  readonly signingKeys: SigningKeyWrites;
  readonly sweep: SweepWrites;
  readonly tenants: TenantWrites;
  readonly throttles: ThrottleWrites;
  readonly totps: TotpWrites;
  readonly users: UserWrites;
}
