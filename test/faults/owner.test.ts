/** Commands that root runs on a house that is somebody else's. Needs root, as the thing itself does. */
import { beforeAll, expect, test } from "bun:test";
import { chownSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { bootstrap, emptyFolder, requireBinary, run, startHouse } from "../binary.ts";

beforeAll(requireBinary);

test("run as root it leaves nothing that the owner of the folder cannot read", async () => {
  expect(process.getuid?.()).toBe(0);
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  await bootstrap(house);
  await house.stop();
  const owner = 65_534;
  for (const name of [".", ...readdirSync(house.data)]) chownSync(join(house.data, name), owner, owner);
  chownSync(folder.path, owner, owner);
  expect((await run(["bootstrap-token"], { cwd: folder.path })).exitCode).toBe(0);
  for (const name of readdirSync(house.data))
    expect([name, statSync(join(house.data, name)).uid]).toEqual([name, owner]);
});
