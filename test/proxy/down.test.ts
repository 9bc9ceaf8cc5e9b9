/** A house that is not there lets nobody in. */
import { beforeAll, expect, test } from "bun:test";
import { requireBinary } from "../binary.ts";
import { kinds } from "./front.ts";
import { cookieOf, newScene, openPaths } from "./scene.ts";

beforeAll(requireBinary);

test.each(kinds)(
  "behind %s: killed, and stopped by the book, apps are closed; started again, as open as before",
  async (kind) => {
    await using scene = await newScene(kind);
    await openPaths(scene, [[1, "/open"]]);
    const lines = [cookieOf(scene.admin)];
    const page = ["Accept: text/html", "Sec-Fetch-Mode: navigate"];
    const statuses = async () => {
      scene.reached();
      const asked = [{ lines }, { target: "/open" }, {}, { lines: page }];
      const answers = await Promise.all(asked.map(async (one) => (await scene.ask(1, one)).status));
      return { answers, reached: scene.reached() };
    };
    const up = { answers: [200, 200, 401, 302], reached: 2 };
    expect(await statuses()).toEqual(up);
    for (const end of ["kill", "stop"] as const) {
      await scene.house[end]();
      const { answers, reached } = await statuses();
      expect(reached).toBe(0);
      for (const status of answers) expect(status).toBeGreaterThanOrEqual(500);
      await scene.restart();
      expect(await statuses()).toEqual(up);
    }
  },
  30_000,
);

test("behind haproxy: a fault in the Lua, before it asked or after, lets nobody in", async () => {
  for (const line of ["local sent", "local answer", "if answer.status", "txn:set_var"]) {
    const mended = (lua: string) => lua.replace(line, `error("a fault")\n${line}`);
    await using scene = await newScene("haproxy", { mended });
    scene.reached();
    const { status } = await scene.ask(1, { lines: [cookieOf(scene.admin)] });
    expect([line, status, scene.reached()]).toEqual([line, 503, 0]);
  }
});
