import { beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { admin, bootstrap, emptyFolder, requireBinary, run, speak, startHouse } from "../binary.ts";

beforeAll(requireBinary);

const tokenIn = (text: string): string => /#token=(\S+)/.exec(text)?.[1] ?? "";

test("before the first admin it prints the link of the first run, also while the house is served", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  const { stdout, exitCode } = await run(["bootstrap-token"], { cwd: folder.path });
  expect(exitCode).toBe(0);
  expect(tokenIn(stdout)).toBe(readFileSync(join(house.data, "bootstrap-token"), "utf8").trim());
  expect(stdout).toBe(`http://localhost:${new URL(house.url).port}/setup#token=${tokenIn(stdout)}\n`);
  await house.stop();
});

test("afterwards it mints one that makes another admin, once, and the running server takes it", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  await bootstrap(house);
  const { stdout } = await run(["bootstrap-token", "--json"], { cwd: folder.path });
  const { token, url } = JSON.parse(stdout);
  expect(tokenIn(url)).toBe(token);
  const complete = (username: string) =>
    speak(house, "POST", "/auth/bootstrap/complete", { body: { ...admin, username, token } });
  const made = await complete("grace");
  expect([made.status, made.body.user.role]).toEqual([201, "admin"]);
  expect((await complete("eve")).status).toBe(401);
  await house.stop();
});

test("it never makes a folder, and says where it looked", async () => {
  using folder = emptyFolder();
  const { exitCode, stderr } = await run(["bootstrap-token"], { cwd: folder.path });
  expect(exitCode).toBe(1);
  expect(stderr).toStartWith(`housekey: there is no house in ${folder.path}/housekey-data; `);
  expect(readdirSync(folder.path)).toEqual([]);
});
