/** Hosts that are guarded, as they were seen: an admin sees them, nobody pays for it, and nobody fills the list. */
import { expect, test } from "bun:test";
import { listGuardedHosts, writeGuardedHosts } from "../../src/identity/guarded-host.ts";
import type { Appliance } from "../harness.ts";
import { dump } from "../openapi/tables.ts";
import { asks, bearer, cookie, forwarded, house, openGuard, original, page } from "./guard.ts";

async function withAdmin(work: (guard: Appliance, token: string) => Promise<void>): Promise<void> {
  await using guard = await openGuard();
  const { token } = await guard.addSession(await guard.addUser("root", { role: "admin" }));
  await work(guard, token);
}

const shown = async (guard: Appliance, token: string) =>
  (await guard.get("/auth/settings", { token, origin: house })).body.forward_hosts;

const start = "2026-01-01T00:00:00.000Z";
const later = "2026-01-01T01:00:00.000Z";

test("a host shows once somebody was let in there, with when it was first and last", () =>
  withAdmin(async (guard, token) => {
    const visit = (url: string) => asks(guard, { ...forwarded(url), ...bearer(token) });
    expect(await shown(guard, token)).toEqual([]);
    expect((await visit("https://app.example.org/")).status).toBe(200);
    const once = [{ host: "app.example.org", first_seen: start, last_seen: start }];
    // Before it is written, and after.
    expect(await shown(guard, token)).toEqual(once);
    await writeGuardedHosts(guard.core);
    expect(await shown(guard, token)).toEqual(once);
    guard.advance(3600);
    await visit("https://app.example.org/x");
    await asks(guard, { ...original("https://docs.example.org:8443/"), ...cookie(token) });
    const both = [
      { host: "app.example.org", first_seen: start, last_seen: later },
      { host: "docs.example.org:8443", first_seen: later, last_seen: later },
    ];
    expect(await shown(guard, token)).toEqual(both);
    await writeGuardedHosts(guard.core);
    expect(await shown(guard, token)).toEqual(both);
    const { body } = await guard.get("/auth/settings", { token });
    expect(body.cookie_domain).toBe("example.org");
    expect((await guard.get("/auth/options")).body.cookie_domain).toBe("example.org");
  }));

test("a host is noted once an hour, and nothing is written for a request", () =>
  withAdmin(async (guard, token) => {
    const visit = () => asks(guard, { ...forwarded("https://app.example.org/"), ...bearer(token) });
    const before = dump(guard);
    for (let n = 0; n < 50; n++) await visit();
    expect(dump(guard) === before).toBe(true);
    await writeGuardedHosts(guard.core);
    const written = dump(guard);
    guard.advance(3599);
    await visit();
    await writeGuardedHosts(guard.core);
    expect(dump(guard) === written).toBe(true);
    guard.advance(1);
    await visit();
    await writeGuardedHosts(guard.core);
    expect(dump(guard) === written).toBe(false);
  }));

test("only hosts under the cookie domain are noted, and only where somebody was let in", () =>
  withAdmin(async (guard, token) => {
    for (const url of ["https://nas.home.arpa/", "https://evil-example.org/", "https://example.org.evil/"])
      expect((await asks(guard, { ...forwarded(url), ...bearer(token) })).status).toBe(200);
    const app = "https://app.example.org/";
    for (const headers of [{}, page, bearer("wrong"), cookie("wrong")])
      await asks(guard, { ...forwarded(app), ...headers });
    await asks(guard, { ...forwarded(app), "x-forwarded-proto": "", ...bearer(token) });
    expect(await shown(guard, token)).toEqual([]);
    await guard.core.store.write((tx) =>
      tx.settings.put({ forwardBypass: [{ host: "app.example.org", pathPrefix: "/" }] }),
    );
    await asks(guard, forwarded(app));
    expect(await shown(guard, token)).toMatchObject([{ host: "app.example.org" }]);
  }));

test("thousands of hosts are no more than two hundred, the latest", () =>
  withAdmin(async (guard, token) => {
    for (let n = 0; n < 450; n++) {
      guard.advance(1);
      await asks(guard, { ...forwarded(`https://h${n}.example.org/`), ...bearer(token) });
      if (n % 150 === 149) await writeGuardedHosts(guard.core);
    }
    const hosts = (await listGuardedHosts(guard.core)).map(({ host }) => host);
    expect(hosts).toEqual(Array.from({ length: 200 }, (_, n) => `h${449 - n}.example.org`));
    expect(await guard.core.store.read.guardedHosts.list()).toHaveLength(200);
  }));

test("a disk that is full loses no host, and the next time it is written", () =>
  withAdmin(async (guard, token) => {
    await asks(guard, { ...forwarded("https://app.example.org/"), ...bearer(token) });
    const { store } = guard.core;
    Object.assign(guard.core, { store: { ...store, write: () => Promise.reject(new Error("full")) } });
    await expect(writeGuardedHosts(guard.core)).rejects.toThrow("full");
    Object.assign(guard.core, { store });
    await writeGuardedHosts(guard.core);
    expect(await store.read.guardedHosts.list()).toMatchObject([{ host: "app.example.org" }]);
  }));
