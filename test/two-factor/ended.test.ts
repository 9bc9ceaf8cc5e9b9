/** A session that ends while its request is under way changes nothing of the account any more. */
import { expect, test } from "bun:test";
import { verifyAddress } from "../../src/identity/address.ts";
import { authenticate } from "../../src/identity/caller.ts";
import { changePassword } from "../../src/identity/login.ts";
import type { Caller } from "../../src/identity/session.ts";
import {
  disableTwoFactor,
  enableTwoFactor,
  regenerateBackupCodes,
  setUpTwoFactor,
} from "../../src/identity/two-factor.ts";
import { type Appliance, password, startAppliance } from "../harness.ts";
import { dump } from "../openapi/tables.ts";
import { api, codeAt, securedAda } from "./app.ts";

const place = { address: "127.0.0.1", userAgent: null, device: null, browser: null };

/** As the guard lets Ada in; then her session ends, and only then does the request go on. */
async function overtaken(house: Appliance, token: string): Promise<Caller> {
  const caller = await authenticate(house.core, token);
  await house.delete("/auth/sessions/current", { token });
  return caller;
}

const outcome = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "done",
    (error) => error.code,
  );

test("what an ended session still asks for is refused in the write itself", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  const code = app.code();
  await house.post("/auth/email", { email: "new@example.com" }, { token: app.token });
  const mailed = await house.codeFor("new@example.com");
  const caller = await overtaken(house, app.token);
  const before = dump(house);
  const { core } = house;
  const asked = [
    () => disableTwoFactor(core, caller, { code, place }),
    () => regenerateBackupCodes(core, caller, place),
    () => verifyAddress(core, caller, { code: mailed, place }),
    () => changePassword(core, caller, { current: password, password: "difference engine", place }),
  ];
  for (const ask of asked) expect(await outcome(ask())).toBe("UNAUTHENTICATED");
  expect(dump(house)).toBe(before);
});

test("nor does it set two-factor up, or switch it on", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("ada"));
  const { body } = await house.post(`${api}/2fa/setup`, undefined, { token });
  const caller = await overtaken(house, token);
  const code = codeAt(body.secret, house.core.clock());
  expect(await outcome(setUpTwoFactor(house.core, caller))).toBe("UNAUTHENTICATED");
  expect(await outcome(enableTwoFactor(house.core, caller, { code, place }))).toBe("UNAUTHENTICATED");
});
