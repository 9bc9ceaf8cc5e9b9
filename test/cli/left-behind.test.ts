/** Tests that fail leave nothing running. */
import { beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { cleanEnv, requireBinary } from "../binary.ts";

beforeAll(requireBinary);

test("a house that a failing test left is ended with the process that ran the test", async () => {
  const child = Bun.spawn([process.execPath, "test", "./test/cli/failing/fails.ts"], {
    cwd: `${import.meta.dir}/../..`,
    env: cleanEnv({ TEST_BINARY_BUILT: "1" }),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said = await new Response(child.stderr).text();
  expect([await child.exited, said]).toEqual([1, expect.stringContaining("1 fail")]);
  const [, pid = ""] = /^house (\d+)$/m.exec(said) ?? [];
  expect(pid).not.toBe("");
  for (let tries = 0; existsSync(`/proc/${pid}`) && tries < 100; tries++) await Bun.sleep(50);
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});
