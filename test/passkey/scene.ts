/** An account with a passkey, and every answer of an authenticator that the description has an example for. */
import type { Appliance } from "../harness.ts";
import { makeKey } from "./authenticator.ts";

export interface KeyScene {
  /** Of the passkey. */
  readonly id: string;

  /** What the passkey proved, good for one session. */
  readonly proof: string;

  /** Bodies by endpoint, each with a challenge of its own. */
  readonly bodies: Readonly<Record<string, object>>;
}

export async function openPasskeys(
  house: Appliance,
  { token }: { readonly token: string },
  recovery: string,
): Promise<KeyScene> {
  const key = makeKey();
  const asked = { token };
  const options = async (path: string, body: object = {}) => (await house.post(path, body, asked)).body;
  const creation = () => options("/auth/passkeys/register/options");
  const request = () => options("/auth/passkeys/authenticate/options");
  const first = { name: "Phone", ...key.create(await creation()) };
  const { id } = (await house.post("/auth/passkeys/register/verify", first, asked)).body;
  const proved = await house.post("/auth/passkeys/authenticate/verify", key.get(await request()));
  const origin = "http://localhost:8420";
  const recovering = await options("/auth/recovery/passkey/options", { token: recovery });
  return {
    id,
    proof: proved.body.token,
    bodies: {
      "POST /auth/passkeys/register/verify": makeKey().create(await creation()),
      "POST /api/v1/auth/passkey/register/verify": { response: makeKey().create(await creation()) },
      "POST /auth/passkeys/authenticate/verify": key.get(await request()),
      "POST /api/v1/auth/passkey/login/verify": { response: key.get(await request()) },
      "POST /api/auth/passkey/verify": { response: key.get(await request()), origin },
      recovery: { passkey: makeKey().create(recovering) },
    },
  };
}
