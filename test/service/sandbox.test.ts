/** What the unit takes away is nothing that the house needs: the executable in an equivalent sandbox. */
import { beforeAll, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { admin, binary, bootstrap, emptyFolder, requireBinary, run, speak, startHouse } from "../binary.ts";
import { told } from "../cli/operator.ts";

beforeAll(requireBinary);

const here = import.meta.dir;

/** A folder whose data belongs to the sandbox's user, and what runs the executable in the sandbox. */
async function sandbox() {
  const folder = emptyFolder();
  const data = join(folder.path, "housekey-data");
  chmodSync(folder.path, 0o755);
  mkdirSync(data, { mode: 0o700 });
  chownSync(data, 65_532, 65_532);
  const { stdout: unit } = await run(["service", "install", "--print"], { cwd: folder.path });
  const value = (name: RegExp) => name.exec(unit)?.[1] ?? "";
  const env = {
    DATA: data,
    EXECUTABLE: binary,
    FILTER: join(here, "filter.py"),
    ALLOW: value(/^SystemCallFilter=(@\S+)$/m),
    DENY: value(/^SystemCallFilter=~(@\S+)$/m),
    FAMILIES: value(/^RestrictAddressFamilies=(.+)$/m),
  };
  expect(Object.values(env)).not.toContain("");
  const under = ["unshare", "--mount", "--ipc", "--", join(here, "sandbox.sh")];
  return { cwd: folder.path, data, env, under, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

test("set-up, sign-in, a passkey's challenge, backup, a change by a command, and a restart, in the unit's sandbox", async () => {
  using box = await sandbox();
  const { cwd, env, under } = box;
  let house = await startHouse({ cwd, env, under });
  const status = await Bun.file(`/proc/${house.child.pid}/status`).text();
  expect(status).toMatch(/^Uid:\t65532\t/m);
  for (const line of [
    "CapEff:\t0000000000000000",
    "CapBnd:\t0000000000000000",
    "NoNewPrivs:\t1",
    "Seccomp:\t2",
  ])
    expect(status).toContain(line);
  await bootstrap(house);
  const signedIn = await speak(house, "POST", "/auth/local/login", { body: admin });
  expect(signedIn.status).toBe(201);
  const { token } = signedIn.body;
  const options = await speak(house, "POST", "/auth/passkeys/authenticate/options", { body: {} });
  expect(options.status).toBe(200);

  const inside = (...args: string[]) => run(args, { cwd, env, under });
  expect((await inside("user", "add", "grace")).exitCode).toBe(0);
  expect((await inside("healthcheck")).stdout).toBe("ready\n");
  expect(await inside("backup", join(box.data, "house.tar.gz"))).toMatchObject({ exitCode: 0, stderr: "" });
  expect(told(await inside("backup", "/var/house.tar.gz"), 1)).toContain("/var/house.tar.gz");

  expect(await house.stop()).toBe(0);
  house = await startHouse({ cwd, env, under });
  expect((await speak(house, "GET", "/auth/sessions/current", { token })).status).toBe(200);
  await house.stop();
});

test("the sandbox of the test is one: what it forbids does not work", async () => {
  using box = await sandbox();
  const env = { ...box.env, FAMILIES: "AF_UNIX" };
  const unheard = await run(["serve", "--port", "0"], { cwd: box.cwd, env, under: box.under });
  expect([unheard.exitCode, unheard.stderr]).toEqual([1, expect.stringContaining("housekey: ")]);
  expect(unheard.stderr).toContain("cannot listen");
  const elsewhere = await run(["serve", "--port", "0", "--data", join(box.cwd, "other")], { ...box });
  expect(told(elsewhere, 1)).toContain("cannot make the data folder");
});
