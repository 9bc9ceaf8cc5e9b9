/** What tests of the SPA surface share. */
import type { Appliance, Asked } from "../harness.ts";
import { password } from "../harness.ts";

export const api = "/api/v1/auth";

export const login = (house: Appliance, email = "ada@example.com", asked: Asked = {}) =>
  house.post(`${api}/login`, { email, password }, asked);

export const refresh = (house: Appliance, token: string, asked: Asked = {}) =>
  house.post(`${api}/refresh`, { refresh_token: token }, asked);

export const me = async (house: Appliance, token: string): Promise<number> =>
  (await house.get(`${api}/me`, { token })).status;

/** Takes a JWT apart. */
export function decode(token: string): { header: any; claims: any } {
  const [header = "", claims = ""] = token.split(".");
  const json = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
  return { header: json(header), claims: json(claims) };
}

export const ada = "ada@example.com";

/** Asks for a mailed code. */
export const send = (house: Appliance, purpose = "login", email = ada, asked: Asked = {}) =>
  house.post(`${api}/otp/send`, { email, purpose }, asked);

export const redeem = (house: Appliance, code: string, email = ada, asked: Asked = {}) =>
  house.post(`${api}/otp/login`, { email, code }, asked);

export const reset = (house: Appliance, code: string, asked: Asked = {}, own = "difference engine") =>
  house.post(`${api}/reset-password`, { email: ada, code, new_password: own }, asked);
