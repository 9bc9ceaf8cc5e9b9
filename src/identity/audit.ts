/** What happened, for the people it happened to. Lines are only ever added. */
import type { Core } from "./core.ts";
import { newId } from "./id.ts";
import type { Place } from "./known.ts";
import type { Method } from "./session.ts";
import type { Writes } from "./store.ts";

export type AuditEvent =
  | "bootstrap.completed"
  | "bootstrap.token_created"
  | "password.changed"
  | "session.confirmed"
  | "session.ended"
  | "sessions.revoked"
  | "settings.changed"
  | "signin.failed"
  | "signin.succeeded";

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

export interface AuditWrites {
  append(entry: AuditEntry): Promise<void>;
}

export type AuditFacts = Pick<AuditEntry, "event"> &
  Partial<Pick<AuditEntry, "actorId" | "userId" | "sessionId" | "methods" | "result" | "reason">>;

/** Writes a line in the write it belongs to: what is rolled back did not happen. */
export function record(core: Core, tx: Writes, place: Place | null, facts: AuditFacts): Promise<void> {
  const at = core.clock();
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
