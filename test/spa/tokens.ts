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
