/** An authenticator app, by an implementation of its own (RFC 6238 over RFC 4226), and people who have one. */
import { createHmac } from "node:crypto";
import { type Appliance, password } from "../harness.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function bytesOf(base32: string): Buffer {
  let bits = "";
  for (const letter of base32) bits += alphabet.indexOf(letter).toString(2).padStart(5, "0");
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
}

/** The code of a step of thirty seconds. */
export function codeOfStep(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", bytesOf(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** What the app shows at `now`, or so many steps before or after. */
export const codeAt = (secret: string, now: Date, steps = 0): string =>
  codeOfStep(secret, Math.floor(now.getTime() / 30_000) + steps);

export const api = "/api/v1/auth";

export interface Secured {
  readonly secret: string;
  readonly backupCodes: readonly string[];
}

/** Switches two-factor on for whoever holds `token`; the step of now is spent by it. */
export async function enrol(house: Appliance, token: string): Promise<Secured> {
  const setup = await house.post(`${api}/2fa/setup`, undefined, { token });
  const { secret } = setup.body;
  const code = codeAt(secret, house.core.clock());
  const { body } = await house.post(`${api}/2fa/enable`, { code }, { token });
  return { secret, backupCodes: body.backup_codes };
}

/** Ada with two-factor on; `code` is what her app shows next, and each call is another step. */
export async function securedAda(house: Appliance) {
  const ada = await house.addUser("ada");
  const { token } = await house.addSession(ada);
  const { secret, backupCodes } = await enrol(house, token);
  return {
    ada,
    token,
    secret,
    backupCodes,
    code(): string {
      house.advance(30);
      return codeAt(secret, house.core.clock());
    },
  };
}

export const login = (house: Appliance, code?: string, username = "ada") =>
  house.post("/auth/local/login", { username, password, ...(code !== undefined && { code }) });
