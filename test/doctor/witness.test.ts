/** What is remembered of requests: enough to tell a set-up by, and never more than a little. */
import { expect, test } from "bun:test";
import { makeWitness } from "../../src/http/witness.ts";
import { type Appliance, startAppliance } from "../harness.ts";

/** Shows a request to the witness as if `address` had sent it. */
function see(
  house: Appliance,
  witness: ReturnType<typeof makeWitness>,
  address: string,
  headers: Record<string, string>,
) {
  const server = { requestIP: () => ({ address }) } as never;
  witness(new Request("http://localhost:8420/", { headers: { host: "localhost:8420", ...headers } }), server);
  return house.core.seen;
}

test("a stranger's headers are logged once, a proxy's never, and the newest are kept", async () => {
  await using house = await startAppliance({ values: { trusted_proxies: ["10.0.0.0/8"] } });
  const witness = makeWitness(house.core);
  for (let time = 0; time < 3; time++) {
    see(house, witness, "192.0.2.1", { "x-forwarded-for": "203.0.113.9" });
    see(house, witness, "10.0.0.1", { "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "HTTPS" });
  }
  see(house, witness, "::ffff:192.0.2.1", { "x-forwarded-proto": "nonsense" });
  expect([...house.core.seen.peers.values()]).toEqual([
    { address: "10.0.0.1", at: house.core.clock(), trusted: true, forwardsFor: true, proto: "https" },
    {
      address: "192.0.2.1",
      at: house.core.clock(),
      trusted: false,
      forwardsFor: false,
      proto: "something else",
    },
  ]);
  expect(house.lines.filter((line) => line.includes("not believed"))).toHaveLength(1);
});

test("thousands of strangers fill neither the memory nor the log", async () => {
  await using house = await startAppliance();
  await house.get("/auth/options");
  const witness = makeWitness(house.core);
  for (let n = 0; n < 3000; n++)
    see(house, witness, `10.${n >> 8}.${n & 255}.1`, {
      "x-forwarded-for": "x".repeat(1000),
      host: `h${n}.example.org`,
      "sec-fetch-mode": "navigate",
    });
  expect([house.core.seen.peers.size, house.core.seen.hosts.size]).toEqual([32, 8]);
  expect(house.lines.filter((line) => line.includes("not believed"))).toHaveLength(256);
  expect([...house.core.seen.hosts.keys()].at(-1)).toBe("h2999.example.org");
});

test("a host counts when a browser opened it or its own page asks, and never by a probe or a foreign page", async () => {
  await using house = await startAppliance();
  await house.get("/auth/options");
  const witness = makeWitness(house.core);
  const hosts = (headers: Record<string, string>) => [
    ...see(house, witness, "10.0.0.1", headers).hosts.keys(),
  ];
  expect(hosts({})).toEqual([]);
  expect(hosts({ host: "127.0.0.1:8420" })).toEqual([]);
  expect(hosts({ host: "127.0.0.1:8420", origin: "https://evil.example" })).toEqual([]);
  expect(hosts({ host: "<script>", "sec-fetch-mode": "navigate" })).toEqual([]);
  expect(hosts({ host: "NAS:8420", "sec-fetch-mode": "navigate" })).toEqual(["nas:8420"]);
  expect(hosts({ host: "192.0.2.5", origin: "http://192.0.2.5" })).toEqual(["nas:8420", "192.0.2.5"]);
  expect(hosts({ "sec-fetch-mode": "navigate" })).toHaveLength(2);
});
