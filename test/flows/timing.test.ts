/** The one timed test there is: whether the time of an answer tells that a name is somebody's. */
import { expect, test } from "bun:test";
import type { User } from "../../src/identity/user.ts";
import { type Appliance, origin, startAppliance } from "../harness.ts";
import { cbor, makeKey } from "../passkey/authenticator.ts";
import { passkey } from "../store/sample.ts";

/** How often a sample of `a` is larger than one of `b`: 0.5 when nothing can be told. */
function auc(a: readonly number[], b: readonly number[]): number {
  let larger = 0;
  for (const x of a) for (const y of b) larger += x > y ? 1 : x === y ? 0.5 : 0;
  return larger / (a.length * b.length);
}

test("a wrong password takes as long for a name that is nobody's as for one that is somebody's", async () => {
  await using house = await startAppliance({ hasher: { memoryKib: 19_456, passes: 2 } });
  await house.addUser("somebody");
  const timed = async (username: string): Promise<number> => {
    const started = performance.now();
    await house.post("/auth/local/login", { username, password: "wrong" });
    return performance.now() - started;
  };
  for (const name of ["somebody", "nobody", "somebody", "nobody"]) await timed(name);
  const [known, unknown]: [number[], number[]] = [[], []];
  for (let n = 0; n < 200; n++) {
    // In turn, and each first as often as the other, so that the machine's mood is shared.
    const order = n % 2 ? [known, unknown] : [unknown, known];
    for (const samples of order) samples.push(await timed(samples === known ? "somebody" : `nobody${n}`));
  }
  const told = auc(known, unknown);
  expect(told).toBeGreaterThan(0.4);
  expect(told).toBeLessThan(0.6);
}, 120_000);

const stranger = makeKey();

const ways: Record<string, (house: Appliance, name: string) => Promise<unknown>> = {
  "a sign-in code that is asked for": (house, name) =>
    house.post("/api/v1/auth/otp/send", { email: `${name}@example.com`, purpose: "login" }),
  "a reset code that is asked for": (house, name) =>
    house.post("/api/v1/auth/otp/send", { email: `${name}@example.com`, purpose: "reset" }),
  "a registration": (house, name) =>
    house.post("/api/v1/auth/register", { email: `${name}@example.com`, password: "analytical engine" }),
  "options for a passkey": (house, name) =>
    house.post("/api/v1/auth/passkey/login/options", { email: `${name}@example.com` }),
  "a passkey that is none": async (house, name) => {
    const options = await house.post("/api/auth/passkey/options", { username: name, origin });
    const [{ id }] = options.body.allowCredentials;
    const answer = { ...stranger.get(options.body, { id }) };
    return house.post("/api/auth/passkey/verify", { response: answer, origin });
  },
  "a wrong code": (house, name) =>
    house.post("/api/v1/auth/otp/login", { email: `${name}@example.com`, code: "000000" }),
  "a reset with a wrong code": (house, name) =>
    house.post("/api/v1/auth/reset-password", {
      email: `${name}@example.com`,
      code: "000000",
      new_password: "analytical engine",
    }),
};

async function addPasskey({ core }: Appliance, user: User, n: number): Promise<void> {
  const facts = { id: `psk_${String(n).padStart(26, "0")}`, credentialId: makeKey().id } as const;
  const publicKey = cbor(makeKey().cose).toString("base64url");
  await core.store.write((tx) =>
    tx.passkeys.insert({ ...passkey("p", user), ...facts, publicKey, deviceType: "multiDevice" }),
  );
}

for (const [what, ask] of Object.entries(ways))
  test(`${what} takes as long for an address that is nobody's as for one that is somebody's`, async () => {
    await using house = await startAppliance();
    const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
    for (let n = 0; n < 220; n++) {
      const user = await house.addUser(`somebody${n}`);
      if (what.includes("passkey")) await addPasskey(house, user, n);
    }
    // Closed for sign-in codes, where an unknown address gets none; open for registrations.
    if (what === "a registration")
      await house.call("PATCH", "/auth/settings", { token, body: { registration: "open" } });
    const timed = async (name: string): Promise<number> => {
      const started = performance.now();
      await ask(house, name);
      return performance.now() - started;
    };
    for (let n = 200; n < 220; n++) for (const name of ["somebody", "nobody"]) await timed(`${name}${n}`);
    const [known, unknown]: [number[], number[]] = [[], []];
    for (let n = 0; n < 200; n++)
      for (const samples of n % 2 ? [known, unknown] : [unknown, known])
        samples.push(await timed(`${samples === known ? "somebody" : "nobody"}${n}`));
    const told = auc(known, unknown);
    expect(told).toBeGreaterThan(0.4);
    expect(told).toBeLessThan(0.6);
  }, 60_000);

test("the measure itself can tell", () => {
  const noise = (n: number) => ((n * 7919) % 100) / 100;
  const base = Array.from({ length: 200 }, (_, n) => 10 + noise(n));
  const slower = base.map((sample) => sample + 0.5);
  expect(auc(slower, base)).toBeGreaterThan(0.6);
  expect(auc(base, base)).toBe(0.5);
});
