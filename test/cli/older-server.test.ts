/** A command of this version beside a server of an older one: it may look, and changes nothing beneath it. */
import { Database } from "bun:sqlite";
import { beforeAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanEnv, emptyFolder, requireBinary, run } from "../binary.ts";
import { contents } from "./backups.ts";
import { told } from "./operator.ts";
import { rows } from "./rows.ts";

beforeAll(requireBinary);

/** The house of an older version; `serve` makes it look served by that version until it is let go. */
function olderHouse() {
  const folder = emptyFolder();
  const data = join(folder.path, "housekey-data");
  mkdirSync(data, { mode: 0o700 });
  const kept = join(import.meta.dir, "../releases/schema-0007.tar.gz");
  expect(Bun.spawnSync(["tar", "xzf", kept, "-C", data, "--no-same-permissions"]).exitCode).toBe(0);
  return Object.assign(folder, {
    data,
    async serve(version?: string): Promise<() => Promise<void>> {
      const serving = { since: "2026-01-01T00:00:00.000Z", version, address: null, report: null };
      writeFileSync(join(data, "serving"), JSON.stringify(serving), { mode: 0o600 });
      // In a process of its own: this one would let go of the lock when it looked at the file.
      const holder = Bun.spawn([process.execPath, join(import.meta.dir, "hold-lock.ts")], {
        env: cleanEnv({ FOLDER: data }),
        stdio: ["pipe", "pipe", "inherit"],
      });
      const { value } = await holder.stdout.getReader().read();
      expect(new TextDecoder().decode(value)).toBe("held\n");
      return async () => {
        holder.kill("SIGKILL");
        await holder.exited;
      };
    },
  });
}

const schemaOf = (data: string): unknown => {
  using db = new Database(join(data, "housekey.db"), { create: false, readwrite: true });
  return db.query("SELECT max(name) FROM migrations").values()[0]?.[0];
};

/** What writes to a house, or could. */
const changing: Readonly<Record<string, readonly string[]>> = {
  "bootstrap-token": [],
  recover: ["ada"],
  "user list": [],
  "user add": ["eve"],
  "user disable": ["grace"],
  "user enable": ["grace"],
  settings: ["registration", "open"],
  "domain move": ["localhost", "auth.example.org"],
  "domain status": [],
  "domain end": [],
  "keys rotate": [],
};

test("these are all the commands that open a house", () => {
  // These do not: `serve` and `restore` want the folder for themselves, and the others only look.
  const others = ["serve", "restore", "backup", "verify", "doctor", "healthcheck"];
  const names = Object.keys(rows).filter((name) => rows[name]?.needs === "house");
  expect(names.filter((name) => !others.includes(name)).sort()).toEqual(Object.keys(changing).sort());
});

for (const [name, words] of Object.entries(changing))
  test(`${name} is refused in words, and nothing is changed`, async () => {
    using folder = olderHouse();
    const unlock = await folder.serve("0.0.9");
    const before = contents(folder.data);
    const line = told(await run([...name.split(" "), ...words], { cwd: folder.path }), 1);
    expect(line).toMatch(
      /^housekey: the running server is housekey 0\.0\.9, and this is housekey [\d.]+, .*restart the server with this version first; nothing was changed\n$/,
    );
    expect(contents(folder.data)).toEqual(before);
    await unlock();
  });

test("a server that does not say its version is an older one all the same; once it is gone the house is taken over", async () => {
  using folder = olderHouse();
  const unlock = await folder.serve();
  expect(told(await run(["user", "list"], { cwd: folder.path }), 1)).toContain("is an older version, and");
  expect(schemaOf(folder.data)).toBe("0007_upstream.sql");
  await unlock();
  // What the older one left when it was killed: nobody holds the folder any more.
  const { exitCode, stdout } = await run(["user", "list"], { cwd: folder.path });
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("grace@example.org")]);
  expect(String(schemaOf(folder.data)) > "0007_upstream.sql").toBe(true);
});

test("a backup beside it is made as ever, and can be restored by this version", async () => {
  using folder = olderHouse();
  const unlock = await folder.serve("0.0.9");
  expect((await run(["backup", "house.tar.gz"], { cwd: folder.path })).exitCode).toBe(0);
  expect(schemaOf(folder.data)).toBe("0007_upstream.sql");
  expect(told(await run(["restore", "house.tar.gz"], { cwd: folder.path }), 1)).toContain(
    "another housekey is serving",
  );
  await unlock();
  expect((await run(["restore", "house.tar.gz"], { cwd: folder.path })).exitCode).toBe(0);
  expect(String(schemaOf(folder.data)) > "0007_upstream.sql").toBe(true);
});

test("a command that is first after the upgrade, and a dozen at once, take the house over and hold nobody up", async () => {
  using folder = olderHouse();
  const all = await Promise.all(
    Array.from({ length: 12 }, () => run(["user", "list"], { cwd: folder.path })),
  );
  expect(all.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(Array(12).fill([0, ""]));
});
