/**
 * A client without a keyboard, or without a browser, that somebody lets in from where they are signed in: it
 * has a code made and polls; they type the code and decide; the poll after that is given a session. Linking by
 * QR code is the same with the code made, and answered, by the person whose account it will be.
 *
 *     pending ──authorize──▶ authorized ──claim (the session is opened in the same write)──▶ claimed
 *       ├──deny──▶ denied        └── the approver, or the session they approved in, does not stand any more ──▶ denied
 *       ├── the account that made or authorized it is shut out ──▶ denied (authorized ones too)
 *       └── ten minutes without a claim ──▶ expired (a matter of the clock; nothing is written)
 *
 * Nobody but the approver's own claim gives anything away: a code proves nothing, it only names the device.
 * Of 31^8 long codes (31^6 short ones) an account may try 10 an hour: in the ten minutes that one lives, it is
 * met with a chance of 2^-36 (2^-26), and then it is the guesser who lets a stranger's device in, or not.
 */
import { requireStill } from "./actor.ts";
import { record } from "./audit.ts";
import { type Core, later } from "./core.ts";
import { dashed, foldDeviceCode, longCode, mintCode, shortCode } from "./device-code.ts";
import { newId } from "./id.ts";
import type { Place } from "./known.ts";
import { heed, type LimitRow, limitKey } from "./limit.ts";
import { policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { hashSecret, mintSecret } from "./secret.ts";
import type { Caller, SessionKind } from "./session.ts";

export const deviceKinds = ["mobile", "connector", "cli"] as const satisfies readonly SessionKind[];
export type DeviceKind = (typeof deviceKinds)[number];

export const deviceStatuses = ["pending", "authorized", "denied", "claimed"] as const;
export type DeviceStatus = (typeof deviceStatuses)[number];

export interface Device {
  readonly id: string;
  readonly codeMac: string;

  /** Of the poll token; null for the kind `cli`, which polls by its code. */
  readonly tokenHash: string | null;

  readonly kind: DeviceKind;
  readonly status: DeviceStatus;

  /** Where the code was made: by the device itself, unless `createdBy` is set. */
  readonly ip: string;
  readonly userAgent: string | null;
  readonly device: string | null;

  /** The signed-in person who made it: nobody else may decide it. */
  readonly createdBy: string | null;

  readonly decidedBy: string | null;

  /** The session it was decided in. */
  readonly decidedIn: string | null;

  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly decidedAt: Date | null;
  readonly claimedAt: Date | null;
}

export interface Decision {
  readonly status: "authorized" | "denied";
  readonly by: string;

  /** A session's identifier. */
  readonly in: string;

  readonly at: Date;
}

export interface DeviceReads {
  find(id: string): Promise<Device | null>;
  findByCode(codeMac: string): Promise<Device | null>;
  findByToken(tokenHash: string): Promise<Device | null>;
}

export interface DeviceWrites extends DeviceReads {
  /** `null` when the code is another's already. */
  insert(device: Device): Promise<Device | null>;

  /** pending → authorized or denied; `null` when somebody decided before, or its time was up. */
  decide(id: string, decision: Decision): Promise<Device | null>;

  /** authorized → claimed; `null` when it was not that any more, or its time was up. */
  claim(id: string, at: Date): Promise<Device | null>;

  /** authorized → denied; `null` when it was not that any more. */
  withdraw(id: string): Promise<Device | null>;

  /** The same for everything undelivered that the account made or authorized, pending ones too. */
  withdrawFor(userId: string): Promise<void>;

  /** Removes what expired before `before`. */
  sweep(before: Date): Promise<void>;
}

export const deviceSeconds = 600;

/** Seconds that a polite client waits between two polls. */
export const pollInterval = 5;

/** How long those who made or decided a code may still ask what became of it. */
const keptSeconds = 86_400;

export interface NewDevice {
  /** As it is shown. */
  readonly code: string;

  /** Null where the code is the handle. */
  readonly token: string | null;

  readonly expiresAt: Date;

  /** Where a person decides; opening it decides nothing. */
  readonly url: string;
}

/** `caller` is the signed-in person who makes it for a device of theirs, or null. Refuses: `FORBIDDEN`. */
export async function createDevice(
  core: Core,
  { kind, caller, place }: { kind: DeviceKind; caller: Caller | null; place: Place },
): Promise<NewDevice> {
  const { url } = await policy(core);
  const token = kind === "cli" ? null : mintSecret(32);
  const createdAt = core.clock();
  const device = {
    id: newId("dev", createdAt),
    tokenHash: token && hashSecret(token),
    kind,
    status: "pending",
    ip: place.address,
    userAgent: place.userAgent,
    device: place.device,
    createdBy: caller?.user.id ?? null,
    decidedBy: null,
    decidedIn: null,
    createdAt,
    expiresAt: later(core, deviceSeconds),
    decidedAt: null,
    claimedAt: null,
  } as const;
  return core.store.write(async (tx) => {
    if (caller) await requireStill(tx, { userId: caller.user.id, place }, "devices:approve");
    for (;;) {
      const code = mintCode(token === null ? shortCode : longCode);
      if (!(await tx.devices.insert({ ...device, codeMac: macOf(core, code) }))) continue;
      const shown = token === null ? code : dashed(code);
      return { code: shown, token, expiresAt: device.expiresAt, url: `${url}/device?code=${shown}` };
    }
  });
}

interface Typed {
  readonly code: string;
  readonly place: Place;
}

/** The device that waits for the caller's answer. Refuses: `NOT_FOUND`, `CODE_ALREADY_DECIDED`, `RATE_LIMITED`. */
export async function findPending(core: Core, caller: Caller, { code, place }: Typed): Promise<Device> {
  const found = await findTyped(core, code);
  const mine = found && (found.createdBy === null || found.createdBy === caller.user.id);
  const device = mine && isLive(core, found) ? found : null;
  countGuess(core, device !== null, "code_guess", `account ${caller.user.id}`, limitKey(place.address));
  if (!device) throw new Refusal("NOT_FOUND");
  if (device.status !== "pending") throw new Refusal("CODE_ALREADY_DECIDED");
  return device;
}

/** Lets the device in, or turns it away. Refuses: `NOT_FOUND`, `CODE_ALREADY_DECIDED`, `FORBIDDEN`, `RATE_LIMITED`. */
export async function decideDevice(
  core: Core,
  caller: Caller,
  { status, code, place }: Typed & Pick<Decision, "status">,
): Promise<void> {
  const device = await findPending(core, caller, { code, place });
  const { user, session } = caller;
  await core.store.write(async (tx) => {
    await requireStill(tx, { userId: user.id, place }, "devices:approve");
    const decision = { status, by: user.id, in: session.id, at: core.clock() };
    if (!(await tx.devices.decide(device.id, decision))) throw new Refusal("CODE_ALREADY_DECIDED");
    await record(core, tx, place, {
      event: status === "authorized" ? "device.authorized" : "device.denied",
      actorId: user.id,
      userId: user.id,
      sessionId: session.id,
      reason: inWords(device),
    });
  });
}

/** What became of a code that the caller made or decided. Refuses: `NOT_FOUND` for any other, `RATE_LIMITED`. */
export async function linkStatus(
  core: Core,
  { user }: Caller,
  { code, place }: Typed,
): Promise<"pending" | "authorized" | "claimed" | "expired"> {
  const found = await findTyped(core, code);
  const own = found && (found.createdBy === user.id || found.decidedBy === user.id);
  const device = own && found.expiresAt > later(core, -keptSeconds) ? found : null;
  countGuess(core, device !== null, "code_guess", `account ${user.id}`, limitKey(place.address));
  if (!device) throw new Refusal("NOT_FOUND");
  if (device.status === "claimed") return "claimed";
  return device.status === "denied" || !isLive(core, device) ? "expired" : device.status;
}

/** Forgets codes that nobody may ask about any more. */
export function sweepDevices(core: Core): Promise<void> {
  return core.store.write((tx) => tx.devices.sweep(later(core, -keptSeconds)));
}

export async function findTyped(core: Core, typed: string): Promise<Device | null> {
  const code = foldDeviceCode(typed);
  return code === null ? null : core.store.read.devices.findByCode(macOf(core, code));
}

/**
 * A code that is none is a guess of everybody in `keys`; whoever has used theirs up is not answered about right
 * ones either, or a guess would be told from a hit. Nothing is awaited here, so many at once get no further.
 */
export function countGuess(core: Core, right: boolean, row: LimitRow, ...keys: string[]): void {
  for (const key of keys) heed(right ? core.limiter.peek(row, key) : core.limiter.take(row, key));
}

export const isLive = (core: Core, { expiresAt }: Device): boolean => expiresAt > core.clock();

const macOf = (core: Core, code: string): string => core.keys.mac("device", code);

/** For the audit: which device it is, as far as anybody knows before it was here. */
export const inWords = ({ kind, createdBy, device, ip }: Device): string =>
  createdBy === null ? `${kind}: ${device ?? "an unknown device"} at ${ip}` : `${kind}: linked by QR code`;
