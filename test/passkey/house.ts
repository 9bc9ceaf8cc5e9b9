/** A house with somebody in it who has a passkey, and the ways to use it. */
import type { User } from "../../src/identity/user.ts";
import type { Values } from "../../src/names.ts";
import { type Answered, type Appliance, type Asked, startAppliance } from "../harness.ts";
import { type Bend, type Key, type KeyFacts, makeKey } from "./authenticator.ts";

export interface Holder {
  readonly user: User;
  readonly token: string;
  readonly key: Key;

  /** Of the passkey. */
  readonly id: string;
}

/** Somebody with a session and a passkey. */
export async function addHolder(
  house: Appliance,
  username: string,
  { facts = {}, ...rest }: { readonly facts?: Partial<User> } & KeyFacts = {},
): Promise<Holder> {
  const user = await house.addUser(username, facts);
  const { token } = await house.addSession(user);
  const key = makeKey(rest);
  const { status, body } = await enrol(house, token, key);
  if (status !== 201) throw new Error(`no passkey: ${JSON.stringify(body)}`);
  return { user, token, key, id: body.id };
}

/** `ada`, who has a passkey, in a house that believes 127.0.0.1 about where requests come from. */
export async function openHouse(values: Values = {}): Promise<{ house: Appliance; ada: Holder }> {
  const house = await startAppliance({ values: { trusted_proxies: ["127.0.0.1"], ...values } });
  return { house, ada: await addHolder(house, "ada") };
}

export const from = (address: string): Asked => ({ headers: { "x-forwarded-for": address } });

export async function creationOptions(house: Appliance, token: string) {
  return (await house.post("/auth/passkeys/register/options", undefined, { token })).body;
}

export async function requestOptions(house: Appliance, asked: Asked = {}) {
  return (await house.post("/auth/passkeys/authenticate/options", undefined, asked)).body;
}

export async function enrol(house: Appliance, token: string, key: Key, bend: Bend = {}): Promise<Answered> {
  const answer = key.create(await creationOptions(house, token), bend);
  return house.post("/auth/passkeys/register/verify", { name: "Phone", ...answer }, { token });
}

/** Proves the use of a key on the browser surface. */
export async function prove(house: Appliance, key: Key, bend: Bend = {}): Promise<Answered> {
  return house.post("/auth/passkeys/authenticate/verify", key.get(await requestOptions(house), bend));
}

/** Why the last answer was refused, as only the audit says. */
export async function lastReason({ core }: Appliance): Promise<string | null> {
  const page = { after: null, limit: 1 };
  const [line] = await core.store.read.audit.list({ userId: null, event: "passkey.refused" }, page);
  return line?.reason ?? null;
}

export const passkeysOf = ({ core }: Appliance, { user }: Pick<Holder, "user">) =>
  core.store.read.passkeys.list(user.id);
