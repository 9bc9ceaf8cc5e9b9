/** What tests of API keys share. */
import type { User } from "../../src/identity/user.ts";
import type { Answered, Appliance } from "../harness.ts";

export interface Owner {
  readonly user: User;

  /** Of a fresh session. */
  readonly token: string;
}

export async function owner(house: Appliance, username = "ada", facts: Partial<User> = {}): Promise<Owner> {
  const user = await house.addUser(username, facts);
  return { user, token: (await house.addSession(user)).token };
}

export const create = (house: Appliance, token: string, body: object = {}): Promise<Answered> =>
  house.post("/v1/auth/api-keys", { name: "backup", ...body }, { token });

/** A key of the owner's, as it was answered. */
export async function made(house: Appliance, { token }: Owner, body: object = {}): Promise<any> {
  const answer = await create(house, token, body);
  if (answer.status !== 201) throw new Error(`no key: ${answer.text}`);
  return answer.body.data;
}

export const exchange = (house: Appliance, token: string): Promise<Answered> =>
  house.post("/v1/auth/token", undefined, { token });

/** A JWT for the key. */
export async function jwtFor(house: Appliance, key: string): Promise<string> {
  const answer = await exchange(house, key);
  if (answer.status !== 200) throw new Error(`no token: ${answer.text}`);
  return answer.body.data.token;
}

export const status = async (house: Appliance, token: string, path = "/v1/auth/me"): Promise<number> =>
  (await house.get(path, { token })).status;

/** What the key and a JWT of it are answered, asked for the profile. */
export const both = async (house: Appliance, key: string, jwt: string): Promise<[number, number]> => [
  await status(house, key),
  await status(house, jwt),
];

/** The sessions of kind `api_key` that an account has open. */
export async function keySessions(house: Appliance, token: string): Promise<any[]> {
  const { body } = await house.get("/auth/sessions", { token });
  return body.filter(({ kind }: { kind: string }) => kind === "api_key");
}
