import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import { type AuditEntry, auditEvents, dailyStats, listAudit } from "../../identity/audit.ts";
import type { Core } from "../../identity/core.ts";
import { browserGuard } from "./guard.ts";

export const browserAudit = (core: Core) =>
  new Elysia()
    .use(browserGuard(core))
    .get(
      "/audit",
      async ({ caller, query }) => {
        const filter = { userId: query.user_id ?? null, event: query.event ?? null };
        const page = { after: query.before ?? null, limit: Number(query.limit ?? 50) };
        const { items, next } = await listAudit(core, caller, filter, page);
        return { events: items.map(auditWire), next };
      },
      {
        signedIn: { permission: "audit:read" },
        query: shape.object({
          user_id: shape.optional(shape.id()),
          event: shape.optional(shape.oneOf(...auditEvents)),
          before: shape.optional(shape.id()),
          limit: shape.optional(shape.count(200)),
        }),
      },
    )
    .get(
      "/stats",
      async ({ query }) => {
        const days = await dailyStats(core, Number(query.days ?? 30));
        return days.map(({ date, signIns, failures, newAccounts, byMethod }) => ({
          date,
          sign_ins: signIns,
          failures,
          new_accounts: newAccounts,
          by_method: byMethod,
        }));
      },
      {
        signedIn: { permission: "audit:admin" },
        query: shape.object({ days: shape.optional(shape.count(90)) }),
      },
    );

const auditWire = (entry: AuditEntry) => ({
  id: entry.id,
  at: entry.at.toISOString(),
  event: entry.event,
  actor_id: entry.actorId,
  user_id: entry.userId,
  session_id: entry.sessionId,
  ip: entry.ip,
  user_agent: entry.userAgent,
  methods: entry.methods,
  result: entry.result,
  reason: entry.reason,
});
