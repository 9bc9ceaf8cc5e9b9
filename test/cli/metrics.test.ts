/** What watchers get of the executable itself. */
import { beforeAll, expect, test } from "bun:test";
import { bootstrap, emptyFolder, requireBinary, speak, startHouse } from "../binary.ts";
import { readExposition } from "../metrics/format.ts";

beforeAll(requireBinary);

test("this machine is answered in the format, a proxy is not, and a token opens it to whoever has it", async () => {
  using folder = emptyFolder();
  let house = await startHouse({ cwd: folder.path });
  const { token } = (await bootstrap(house)).body;
  for (const _ of [1, 2, 3]) await speak(house, "GET", "/auth/sessions/current", { token });
  const { status, body } = await speak(house, "GET", "/metrics");
  expect(status).toBe(200);
  const families = readExposition(body);
  const samples = (name: string) => Object.fromEntries(families.get(name)?.samples ?? []);
  expect(samples("housekey_http_requests_total")).toEqual({
    'housekey_http_requests_total{method="GET",route="/auth/sessions/current",status="200"}': 3,
    'housekey_http_requests_total{method="POST",route="/auth/bootstrap/complete",status="201"}': 1,
  });
  expect(Number(samples("housekey_store_log_bytes")["housekey_store_log_bytes{}"])).toBeGreaterThan(0);
  expect(
    Number(samples("housekey_store_write_seconds")["housekey_store_write_seconds_count{}"]),
  ).toBeGreaterThan(1);
  const proxied = await speak(house, "GET", "/metrics", { headers: { "x-forwarded-for": "203.0.113.9" } });
  expect([proxied.status, proxied.body.error.code]).toEqual([404, "NOT_FOUND"]);
  await house.stop();

  house = await startHouse({ cwd: folder.path, env: { HOUSEKEY_METRICS_TOKEN: "watch me, Prometheus" } });
  const headers = { "x-forwarded-for": "203.0.113.9" };
  const watch = async (shown: string) =>
    (await speak(house, "GET", "/metrics", { token: shown, headers })).status;
  expect([await watch("watch me, Prometheus"), await watch("watch me"), await watch(token)]).toEqual([
    200, 401, 401,
  ]);
  await house.stop();
  expect(house.output()).not.toContain("Prometheus");
}, 30_000);
