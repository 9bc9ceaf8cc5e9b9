/** Houses that earlier versions left: this one takes each over, finds nothing wrong with it, and lets people in. */
import { Database } from "bun:sqlite";
import { beforeAll, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TOTP } from "otpauth";
import { migrations } from "../../src/store/migrate.ts";
import { admin, requireBinary, run, speak, startHouse } from "../binary.ts";
import { releases, unpacked } from "../releases/unpacked.ts";

beforeAll(requireBinary);

function pendingIn(data: string): string[] {
  using db = new Database(join(data, "housekey.db"), { readwrite: true, create: false });
  const applied = db.query("SELECT name FROM migrations").values().flat();
  return migrations.map(({ name }) => name).filter((name) => !applied.includes(name));
}

test("there is a house of every schema there was", () => {
  expect(releases.length).toBeGreaterThanOrEqual(migrations.length);
});

for (const release of releases)
  test(`the house of ${release} is taken over`, async () => {
    using folder = unpacked(release);
    const { secret } = JSON.parse(readFileSync(join(folder.data, "facts.json"), "utf8"));
    const pending = pendingIn(folder.data);
    // Stopping it looks it over, too.
    const house = await startHouse({ cwd: folder.path });
    const { exitCode, stdout } = await run(["verify"], { cwd: folder.path });
    expect([exitCode, stdout.split("\n").filter((line) => !/: ok$|^$/.test(line))]).toEqual([0, []]);
    const { status, body } = await speak(house, "POST", "/auth/local/login", { body: admin });
    expect([status, body.user.role]).toEqual([201, "admin"]);
    const { token } = body;
    expect((await speak(house, "GET", "/auth/sessions/current", { token })).status).toBe(200);
    if (secret !== null) {
      const code = new TOTP({ secret }).generate();
      const grace = { username: "grace", password: "difference engine", code };
      expect((await speak(house, "POST", "/auth/local/login", { body: grace })).status).toBe(201);
    }
    expect(await house.stop()).toBe(0);
    const copies = readdirSync(folder.data).filter((name) => name.startsWith("housekey.db.before-"));
    expect(copies).toEqual(
      pending.slice(0, 1).map((name) => `housekey.db.before-${name.replace(".sql", "")}`),
    );
    expect(existsSync(join(folder.data, "bootstrap-token"))).toBe(false);
  }, 30_000);
