/** What happened, for the people it happened to. Lines are only ever added. */
import { type Core, later } from "./core.ts";
import { newId } from "./id.ts";
import type { Place } from "./known.ts";
import { count } from "./metrics.ts";
import { type Page, type Piece, piece } from "./page.ts";
import { may } from "./permission.ts";
import { policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import type { Caller, Method } from "./session.ts";
import type { Writes } from "./store.ts";

/** Everything that is worth a line. The list is closed: a reader may rely on it. */
export const auditEvents = [
  "account.registered",
  "address.claimed",
  "api_key.created",
  "api_key.deleted",
  "backup_code.used",
  "backup_codes.replaced",
  "bootstrap.completed",
  "bootstrap.token_created",
  "bootstrap.token_deleted",
  "code.refused",
  "device.authorized",
  "device.claimed",
  "device.denied",
  "email.changed",
  "house.restored",
  "identity.linked",
  "identity.unlinked",
  "invite.accepted",
  "invite.created",
  "invite.deleted",
  "mail.dead",
  "passkey.created",
  "passkey.deleted",
  "passkey.refused",
  "password.changed",
  "password.reset",
  "provider.changed",
  "recovery.completed",
  "recovery.created",
  "refresh.reused",
  "session.confirmed",
  "session.ended",
  "sessions.revoked",
  "settings.changed",
  "signing_key.rotated",
  "signin.failed",
  "signin.succeeded",
  "two_factor.disabled",
  "two_factor.enabled",
  "user.changed",
  "user.created",
  "user.deleted",
  "user.disabled",
  "user.enabled",
  "user.role_changed",
] as const;

export type AuditEvent = (typeof auditEvents)[number];

export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly event: AuditEvent;

  /** Who did it; null when nobody was signed in or the operator did it from the host. */
  readonly actorId: string | null;

  /** Whose account it is about; null when it is nobody's, or nobody's that exists. */
  readonly userId: string | null;

  readonly sessionId: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly methods: readonly Method[];
  readonly result: "ok" | "refused";
  readonly reason: string | null;
}

export interface AuditFilter {
  /** Lines about this account, or by it. */
  readonly userId: string | null;

  readonly event: AuditEvent | null;
}

export interface AuditReads {
  /** Newest first; the page's `after` is the identifier of the last line of the piece before. */
  list(filter: AuditFilter, page: Page): Promise<AuditEntry[]>;

  /** What each day since `since` brought, in the order of days. Days are UTC. */
  days(since: Date): Promise<DayStats[]>;
}

export interface AuditWrites extends AuditReads {
  append(entry: AuditEntry): Promise<void>;

  /** Removes lines from before `before`, at most `most` of them; answers how many. */
  sweep(before: Date, most: number): Promise<number>;
}

export interface DayStats {
  /** `2026-01-31` */
  readonly date: string;

  readonly signIns: number;
  readonly failures: number;
  readonly newAccounts: number;

  /** Completed sign-ins by what proved them: `pwd`, `pwd+totp` … */
  readonly byMethod: Readonly<Record<string, number>>;
}

/** Members see what is about them or by them. Refuses: `FORBIDDEN` when one asks for another's. */
export async function listAudit(
  core: Core,
  { user }: Caller,
  filter: AuditFilter,
  page: Page,
): Promise<Piece<AuditEntry>> {
  const all = may(user.role, "audit:admin");
  if (!all && filter.userId !== null && filter.userId !== user.id) throw new Refusal("FORBIDDEN");
  const userId = all ? filter.userId : user.id;
  return piece(page, (asked) => core.store.read.audit.list({ ...filter, userId }, asked));
}

/** One entry a day, today last, days without anything too. */
export async function dailyStats(core: Core, days: number): Promise<DayStats[]> {
  const dayMs = 86_400_000;
  const today = Math.floor(core.clock().getTime() / dayMs) * dayMs;
  const dates = Array.from({ length: days }, (_, n) => new Date(today - (days - 1 - n) * dayMs));
  const found = await core.store.read.audit.days(new Date(today - (days - 1) * dayMs));
  const byDate = new Map(found.map((day) => [day.date, day]));
  return dates.map((at) => {
    const date = at.toISOString().slice(0, 10);
    return byDate.get(date) ?? { date, signIns: 0, failures: 0, newAccounts: 0, byMethod: {} };
  });
}

/** Lines older than the setting are let go, some thousands a time. */
export async function sweepAudit(core: Core): Promise<void> {
  const { auditDays } = await policy(core);
  const before = later(core, -auditDays * 86_400);
  while ((await core.store.write((tx) => tx.audit.sweep(before, 2000))) === 2000);
}

export type AuditFacts = Pick<AuditEntry, "event"> &
  Partial<Pick<AuditEntry, "actorId" | "userId" | "sessionId" | "methods" | "result" | "reason">>;

/** Those that `/metrics` counts, under the method and how it ended. */
const counted: ReadonlySet<AuditEvent> = new Set(["signin.succeeded", "signin.failed", "code.refused"]);

/** Writes a line in the write it belongs to: what is rolled back did not happen, but for the counts that watchers see. */
export function record(core: Core, tx: Writes, place: Place | null, facts: AuditFacts): Promise<void> {
  const at = core.clock();
  if (counted.has(facts.event))
    count(core.metrics.signIns, `${facts.methods?.join("+") || "none"} ${facts.result ?? "ok"}`);
  return tx.audit.append({
    actorId: null,
    userId: null,
    sessionId: null,
    methods: [],
    result: "ok",
    reason: null,
    ...facts,
    id: newId("aud", at),
    at,
    ip: place?.address ?? null,
    userAgent: place?.userAgent ?? null,
  });
}
