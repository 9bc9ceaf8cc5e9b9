/** No room is left where the data lies. Mounts a small disk, which takes root. */
import { Database } from "bun:sqlite";
import { beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { admin, bootstrap, type House, requireBinary, type Spoken, speak, startHouse } from "../binary.ts";
import { type SmallDisk, smallDisk } from "./small-disk.ts";

beforeAll(requireBinary);

/** What is tested is the disk, not how often one may try. */
const unlimited = { HOUSEKEY_LIMIT_SIGNIN: "off" };

/** A house on a small disk, with an admin who is signed in. */
async function opened() {
  await using stack = new AsyncDisposableStack();
  const disk = stack.use(smallDisk(8));
  const house = await startHouse({ cwd: disk.path, env: unlimited });
  stack.defer(() => house.kill());
  const { body } = await bootstrap(house);
  const kept = stack.move();
  return {
    disk,
    house,
    token: String(body.token),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const login = (house: House, password = admin.password): Promise<Spoken> =>
  speak(house, "POST", "/auth/local/login", { body: { ...admin, password } });

function integrity(house: House): unknown {
  using db = new Database(join(house.data, "housekey.db"), { readwrite: true, create: false });
  return db.query("PRAGMA integrity_check").values();
}

/** Every way to write there is must be refused in the same words. */
async function refuses(house: House, token: string): Promise<void> {
  const { body: current } = await speak(house, "GET", "/auth/sessions/current", { token });
  const writes: Record<string, Promise<Spoken>> = {
    readyz: speak(house, "GET", "/readyz"),
    "a sign-in": login(house),
    "a wrong password": login(house, "not the password"),
    "ending the session": speak(house, "DELETE", `/auth/sessions/${current.session.id}`, { token }),
    "ending all sessions": speak(house, "DELETE", "/auth/sessions", { token }),
    "a setting": speak(house, "PATCH", "/auth/settings", { token, body: { registration: "open" } }),
    "a new password": speak(house, "POST", "/auth/password", {
      token,
      body: { current_password: admin.password, new_password: "difference engine" },
    }),
  };
  for (const [what, asking] of Object.entries(writes)) {
    const { status, body, headers } = await asking;
    expect([what, status, body.error?.code]).toEqual([what, 503, "STORE_UNAVAILABLE"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  }
}

/** What a signed-in client sees of the house. */
async function reads(house: House, token: string) {
  const answers = [];
  for (const path of ["/healthz", "/auth/sessions/current", "/auth/sessions", "/auth/settings"]) {
    const { status, body } = await speak(house, "GET", path, { token });
    expect([path, status]).toEqual([path, 200]);
    answers.push(body);
  }
  return answers;
}

test("a full disk refuses what writes, answers what reads, and is forgotten once there is room", async () => {
  await using opening = await opened();
  const { disk, house, token } = opening;
  const before = await reads(house, token);
  for (const _ of [1, 2]) {
    disk.fill();
    for (const _ of [1, 2, 3]) {
      await refuses(house, token);
      expect(await reads(house, token)).toEqual(before);
    }
    disk.free();
    expect((await speak(house, "GET", "/readyz")).status).toBe(200);
  }
  const { status, body } = await login(house);
  expect(status).toBe(201);
  expect(await speak(house, "DELETE", "/auth/sessions", { token })).toMatchObject({ status: 204 });
  for (const ended of [token, String(body.token)])
    expect((await speak(house, "GET", "/auth/sessions/current", { token: ended })).status).toBe(401);
  expect(house.child.exitCode).toBeNull();
  expect(integrity(house)).toEqual([["ok"]]);
  expect(await house.stop()).toBe(0);
  expect(integrity(house)).toEqual([["ok"]]);
}, 30_000);

test("a hundred sign-ins at once on a full disk are all refused, and none of them counts afterwards", async () => {
  await using opening = await opened();
  const { disk, house, token } = opening;
  disk.fill();
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => speak(house, "GET", "/readyz")).concat(
      Array.from({ length: 40 }, () => login(house)),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
  disk.free();
  expect((await speak(house, "GET", "/auth/sessions", { token })).body).toHaveLength(1);
}, 30_000);

test("the log has the engine's own reason, and not what went wrong after it", async () => {
  await using opening = await opened();
  const { disk, house } = opening;
  disk.fill();
  expect((await speak(house, "GET", "/readyz")).status).toBe(503);
  disk.free();
  await house.stop();
  expect(house.output()).toContain("database or disk is full");
  expect(house.output()).not.toContain("cannot rollback");
}, 20_000);

test("killed on a full disk, a house has everything when it is started again", async () => {
  await using opening = await opened();
  const { disk, house, token } = opening;
  disk.fill();
  expect((await login(house)).status).toBe(503);
  await house.kill();
  disk.free();
  await expectEverything(disk, token);
}, 30_000);

test("a start on a full disk says so in one line, and once there is room everything is there", async () => {
  await using opening = await opened();
  const { disk, house, token } = opening;
  expect(await house.stop()).toBe(0);
  disk.fill();
  const started = startHouse({ cwd: disk.path });
  await expect(started).rejects.toThrow(
    /^housekey did not start \(exit 1\): housekey: [^\n]*(full|disk I\/O error)\n$/,
  );
  disk.free();
  await expectEverything(disk, token);
}, 30_000);

/** Starts the house that lies on `disk`: the session of before is good, and another can be opened. */
async function expectEverything(disk: SmallDisk, token: string): Promise<void> {
  const house = await startHouse({ cwd: disk.path });
  try {
    expect((await speak(house, "GET", "/auth/sessions/current", { token })).status).toBe(200);
    expect((await login(house)).status).toBe(201);
    expect(integrity(house)).toEqual([["ok"]]);
  } finally {
    await house.kill();
  }
}
