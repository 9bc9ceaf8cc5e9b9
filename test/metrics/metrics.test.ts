/** What watchers of the house get: the right to, the format, and the numbers. */
import { expect, test } from "bun:test";
import { withAccessLog } from "../../src/http/access.ts";
import { exposition, histogram } from "../../src/http/exposition.ts";
import { makePatternOf, methodLabel } from "../../src/http/patterns.ts";
import { makePlaceOf } from "../../src/http/place.ts";
import { type Appliance, password, startAppliance } from "../harness.ts";
import { readExposition } from "./format.ts";

async function watch(house: Appliance) {
  const { status, text, headers } = await house.get("/metrics", { origin: null });
  expect([status, headers.get("content-type")]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  return readExposition(text);
}

const value = (families: Awaited<ReturnType<typeof watch>>, name: string, labels = ""): number | undefined =>
  families.get(name)?.samples.get(`${name}{${labels}}`);

test("the format holds, also when something has happened", async () => {
  await using house = await startAppliance();
  expect((await watch(house)).size).toBeGreaterThan(10);
  await house.addUser("ada");
  await house.post("/auth/local/login", { username: "ada", password });
  await house.post("/auth/local/login", { username: "ada", password: "wrong" });
  const families = await watch(house);
  expect(value(families, "housekey_sign_ins_total", 'method="pwd",result="ok"')).toBe(1);
  expect(value(families, "housekey_sign_ins_total", 'method="pwd",result="refused"')).toBe(1);
  expect(value(families, "housekey_sessions_open", 'kind="web"')).toBe(1);
  expect(value(families, "housekey_sessions_open", 'kind="cli"')).toBe(0);
  expect(value(families, "housekey_store_write_seconds_count")).toBe(undefined);
  expect(
    families.get("housekey_store_write_seconds")?.samples.get("housekey_store_write_seconds_count{}"),
  ).toBeGreaterThan(2);
  expect(value(families, "housekey_build_info", 'version="0.1.0"')).toBe(1);
  expect(value(families, "process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
  expect(value(families, "process_start_time_seconds")).toBeGreaterThan(1_700_000_000);
});

test("session checks are told by whether they asked the database", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("ada"));
  for (let time = 0; time < 5; time++) await house.get("/auth/sessions/current/permissions", { token });
  const families = await watch(house);
  expect(value(families, "housekey_session_checks_read_total")).toBe(1);
  expect(value(families, "housekey_session_checks_recalled_total")).toBe(4);
});

test("letters and hashes that wait are seen while they wait", async () => {
  await using house = await startAppliance({ hasher: { width: 1, memoryKib: 65_536, passes: 3 } });
  await house.addUser("ada");
  await house.post("/auth/verify", { email: "ada" });
  expect(value(await watch(house), "housekey_mails_queued")).toBe(1);
  const hashing = [1, 2, 3].map(() => house.core.hasher.hash("a password to hash"));
  const families = await watch(house);
  expect(value(families, "housekey_hashes_running")).toBe(1);
  expect(value(families, "housekey_hashes_waiting")).toBe(2);
  await Promise.all(hashing);
  expect(value(await watch(house), "housekey_hashes_running")).toBe(0);
});

test("requests are counted by route, never by what somebody typed", async () => {
  await using house = await startAppliance();
  const { core, app } = house;
  const server = { requestIP: () => ({ address: "127.0.0.1" }), timeout() {} } as never;
  const fetch = withAccessLog(
    core,
    makePlaceOf([]),
    app.fetch,
    makePatternOf(() => app.routes),
  );
  const ask = (method: string, path: string) =>
    fetch(new Request(`http://localhost:8420${path}`, { method }), server);
  for (const path of ["/healthz", "/healthz/", "/auth/sessions/current", "/nowhere/1", "/nowhere/2"])
    await ask("GET", path);
  await ask("DELETE", "/auth/sessions/ses_1");
  await ask("DELETE", "/auth/sessions/ses_2");
  const requests = (await watch(house)).get("housekey_http_requests_total")?.samples;
  expect(Object.fromEntries(requests ?? [])).toEqual({
    'housekey_http_requests_total{method="DELETE",route="/auth/sessions/{id}",status="401"}': 2,
    'housekey_http_requests_total{method="GET",route="/auth/sessions/current",status="401"}': 1,
    'housekey_http_requests_total{method="GET",route="/healthz",status="200"}': 2,
    'housekey_http_requests_total{method="GET",route="none",status="404"}': 2,
  });
  expect([methodLabel("PUT"), methodLabel("BREW")]).toEqual(["PUT", "other"]);
});

test("without a token only this machine may ask, and not through a proxy", async () => {
  await using house = await startAppliance();
  const status = async (headers: Record<string, string>) =>
    (await house.get("/metrics", { origin: null, headers })).status;
  expect(await status({ authorization: "Bearer whatever" })).toBe(200);
  for (const name of [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
  ])
    expect([name, await status({ [name]: "127.0.0.1" })]).toEqual([name, 404]);
  // A proxy that says nothing of itself, or a page that made its name point here.
  for (const host of ["auth.example.org", "localhost.example.org", "127.evil.example", "10.0.0.1:8420"])
    expect([host, await status({ host })]).toEqual([host, 404]);
  for (const host of ["localhost:8420", "127.0.0.1:8420", "[::1]:8420"])
    expect([host, await status({ host })]).toEqual([host, 200]);
});

test("with a token whoever has it may ask from anywhere, and nobody else", async () => {
  await using house = await startAppliance({ values: { metrics_token: "watch me" } });
  const far = { via: "1.1 proxy", host: "auth.example.org" };
  const status = async (headers: Record<string, string>) =>
    (await house.get("/metrics", { origin: null, headers })).status;
  expect(await status({ ...far, authorization: "Bearer watch me" })).toBe(200);
  expect(await status({ ...far, authorization: "bearer watch me" })).toBe(200);
  for (const authorization of [
    "Bearer watch",
    "Bearer watch me2",
    "Bearer ",
    "Basic watch me",
    "",
    "Bearer WATCH ME",
  ])
    expect([authorization, await status({ ...far, authorization })]).toEqual([authorization, 401]);
  expect(await status(far)).toBe(401);
  expect(await status({ authorization: "Bearer wrong" })).toBe(401);
  expect(await status({})).toBe(200);
  const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
  expect((await house.get("/metrics", { token, headers: far })).status).toBe(401);
});

test("wrong tokens are counted against guessing", async () => {
  await using house = await startAppliance({ values: { metrics_token: "watch me" } });
  const asked = { origin: null, headers: { authorization: "Bearer wrong" } };
  const statuses = new Set<number>();
  for (let time = 0; time < 601; time++) statuses.add((await house.get("/metrics", asked)).status);
  expect(statuses).toEqual(new Set([401, 429]));
});

test("labels are escaped, and buckets hold what is below them", () => {
  const labels = { text: 'a "quoted" \\ back\nslash' };
  const family = { name: "x", help: "X.", type: "gauge", samples: [{ labels, value: 1.5 }] } as const;
  expect(exposition([family])).toBe(
    '# HELP x X.\n# TYPE x gauge\nx{text="a \\"quoted\\" \\\\ back\\nslash"} 1.5\n',
  );
  readExposition(exposition([family]));
  expect(histogram([1, 2], [3, 0, 4], 9).map(({ value }) => value)).toEqual([3, 3, 7, 9, 7]);
});

test("the strict reader is strict", () => {
  const good = "# HELP a_total A.\n# TYPE a_total counter\na_total 1\n";
  expect(readExposition(good).size).toBe(1);
  const bad = [
    good.trimEnd(),
    `${good}${good}`,
    good.replace("# HELP a_total A.\n", ""),
    good.replace("counter", "number"),
    `${good}a_total 1\n`,
    good.replace("a_total 1", "a_total -1"),
    good.replace("a_total 1", "b_total 1"),
    good.replace("a_total 1", 'a_total{x="1" y="2"} 1'),
    good.replace("a_total 1", 'a_total{x="1"2"} 1'),
    good.replace("a_total 1", "a_total one"),
    good.replaceAll("a_total", "a"),
    '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
    '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_sum 1\nh_count 2\n',
  ];
  for (const text of bad) expect(() => readExposition(text)).toThrow();
});
