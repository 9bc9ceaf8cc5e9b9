/** A device and a person, step by step. */
import type { Values } from "../../src/names.ts";
import { type Answered, type Appliance, type Asked, startAppliance } from "../harness.ts";

/** A house behind a proxy, so that every client can have an address of its own. */
export const start = (values: Values = {}) =>
  startAppliance({ values: { trusted_proxies: ["127.0.0.1"], ...values } });

export const from = (address: string, userAgent?: string): Asked => ({
  headers: { "x-forwarded-for": address, ...(userAgent !== undefined && { "user-agent": userAgent }) },
});

export interface Person {
  readonly id: string;
  readonly token: string;
  readonly session: string;
}

export async function person(house: Appliance, username: string): Promise<Person> {
  const user = await house.addUser(username);
  const { token, id } = await house.addSession(user);
  return { id: user.id, token, session: id };
}

const devices = "/api/auth/device";

export const create = (house: Appliance, asked?: Asked, clientType = "mobile") =>
  house.post(`${devices}/create`, { clientType }, asked);

/** A code and its poll token, made by a device that is nobody yet. */
export const waiting = async (house: Appliance, asked: Asked = from("10.0.0.7")): Promise<Pair> =>
  (await create(house, asked)).body;

interface Pair {
  readonly code: string;
  readonly token: string;
}

export const poll = (house: Appliance, token: unknown, asked: Asked = from("10.0.0.7")) =>
  house.post(`${devices}/poll`, { token }, asked);

export type Question = "info" | "authorize" | "deny" | "link/status";

/** Asks about a code as somebody. */
export const ask = (house: Appliance, question: Question, code: unknown, who: Asked) =>
  house.post(`${devices}/${question}`, { code }, who);

export const shortCode = async (house: Appliance, asked: Asked = from("10.0.0.7")): Promise<string> =>
  (await house.post("/v1/auth/device-code", {}, asked)).body.code;

export const pollShort = (house: Appliance, code: string, asked: Asked = from("10.0.0.7")) =>
  house.get(`/v1/auth/device-code/${code}`, asked);

export const codeOf = ({ status, body }: Answered): [number, string | undefined] => [
  status,
  body?.error?.code,
];

export const fifty = <T>(act: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 50 }, (_, n) => act(n)));

/** Who a token stands for: the session that `/auth/sessions/current` shows, or the refusal's status. */
export async function standing(house: Appliance, token: string): Promise<any> {
  const { status, body } = await house.get("/auth/sessions/current", { token });
  return status === 200 ? { ...body.session, username: body.user.username } : status;
}
