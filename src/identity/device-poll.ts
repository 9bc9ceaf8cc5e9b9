/** What a device hears when it asks, and how it is given its session. */
import { record } from "./audit.ts";
import type { Core } from "./core.ts";
import { countGuess, type Device, findTyped, inWords, isLive } from "./device.ts";
import type { Place } from "./known.ts";
import { isOpen } from "./life.ts";
import { heed, limitKey } from "./limit.ts";
import { may } from "./permission.ts";
import { policy } from "./policy.ts";
import { hashSecret } from "./secret.ts";
import { type Caller, openSession } from "./session.ts";
import type { Writes } from "./store.ts";

/** What a client hears about its code. */
export type Polled =
  | { readonly status: "authorized"; readonly token: string }
  | { readonly status: "pending" | "denied" | "claimed" | "expired" };

/** `expired` also for a token that is none. Refuses: `RATE_LIMITED`. */
export async function pollByToken(core: Core, token: string, place: Place): Promise<Polled> {
  const device = await core.store.read.devices.findByToken(hashSecret(token));
  return device && isLive(core, device) ? deliver(core, device, place) : { status: "expired" };
}

/**
 * A short code is a poor secret: it answers only the address that made it, and any other hears what it would
 * of a code that is none, `expired`. Refuses: `RATE_LIMITED`.
 */
export async function pollByCode(core: Core, typed: string, place: Place): Promise<Polled> {
  const device = await findTyped(core, typed);
  const asker = limitKey(place.address);
  const own = device?.kind === "cli" && isLive(core, device) && limitKey(device.ip) === asker;
  countGuess(core, own, "poll_guess", asker);
  return own ? deliver(core, device, place) : { status: "expired" };
}

async function deliver(core: Core, { id, status }: Device, place: Place): Promise<Polled> {
  heed(core.limiter.take("poll", id));
  return status === "authorized" ? core.store.write((tx) => claim(core, tx, id, place)) : { status };
}

async function claim(core: Core, tx: Writes, id: string, place: Place): Promise<Polled> {
  const device = await tx.devices.find(id);
  if (device?.status !== "authorized") return { status: device?.status ?? "expired" };
  const approver = await liveApprover(core, tx, device);
  if (!approver) {
    await tx.devices.withdraw(id);
    return { status: "denied" };
  }
  if (!(await tx.devices.claim(id, core.clock()))) return { status: "expired" };
  const userId = approver.user.id;
  const from = { ...(device.createdBy === null ? placeOf(device) : place), browser: null };
  const opening = { userId, kind: device.kind, methods: ["device"], place: from, fresh: false } as const;
  const { session, token } = await openSession(core, tx, opening);
  await record(core, tx, from, {
    event: "device.claimed",
    actorId: userId,
    userId,
    sessionId: session.id,
    methods: session.methods,
    reason: inWords(device),
  });
  return { status: "authorized", token };
}

/** Who let the device in, if they still may, and still are where they did it. */
async function liveApprover(core: Core, tx: Writes, { decidedIn }: Device): Promise<Caller | null> {
  const approver = decidedIn === null ? null : await tx.sessions.checkId(decidedIn);
  if (!approver || approver.user.disabledAt || !may(approver.user.role, "devices:approve")) return null;
  const { lifetimes } = await policy(core, tx);
  const { session } = approver;
  return isOpen(session, core.clock(), lifetimes, core.sightings.get(session.id)) ? approver : null;
}

const placeOf = ({ ip, userAgent, device }: Device) => ({ address: ip, userAgent, device });
