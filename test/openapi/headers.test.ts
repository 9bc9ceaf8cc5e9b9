/** What every answer carries, whatever it is. */
import { expect, test } from "bun:test";
import { embedPages } from "../../src/web/embed.macro.ts";
import type { Answered } from "../harness.ts";
import { documentOf, endpointsOf } from "./document.ts";
import { breakStore } from "./refusals.ts";
import { openScene, type Scene } from "./scene.ts";

const numbers = new Set<string>();

function careful(place: string, path: string, { headers }: Answered): void {
  const id = headers.get("x-request-id") ?? "none";
  expect([place, id, numbers.has(id)]).toEqual([
    place,
    expect.stringMatching(/^[0-9a-f]{12}-[0-9a-z]+$/),
    false,
  ]);
  numbers.add(id);
  expect([place, headers.get("x-content-type-options")]).toEqual([place, "nosniff"]);
  expect([place, headers.get("referrer-policy")]).toEqual([place, "no-referrer"]);
  const policy = headers.get("content-security-policy") ?? "none";
  expect([place, policy]).toEqual([place, expect.stringContaining("default-src 'none'")]);
  expect([place, policy]).toEqual([place, expect.stringContaining("frame-ancestors 'none'")]);
  expect([place, policy]).not.toEqual([place, expect.stringContaining("unsafe")]);
  if (path.startsWith("/auth/")) expect([place, headers.get("cache-control")]).toEqual([place, "no-store"]);
}

async function withScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  await using scene = await openScene();
  numbers.clear();
  await work(scene);
}

test("every success and every refusal of every endpoint carries what keeps browsers careful", () =>
  withScene(async ({ house }) => {
    for (const endpoint of endpointsOf(await documentOf(house))) {
      await using own = await openScene();
      const { key, method, path } = endpoint;
      const first = await own.ask(endpoint, { anonymous: true });
      numbers.clear();
      careful(`${key} as nobody`, path, first);
      careful(key, path, await own.ask(endpoint));
      careful(`${key} over the size`, path, await own.ask(endpoint, { body: "x".repeat(70_000) }));
      careful(`${key} from elsewhere`, path, await own.ask(endpoint, { origin: "https://evil.example" }));
      careful(`${key} at no host`, path, await own.ask(endpoint, { headers: { host: "two hosts" } }));
      const other = method === "PUT" ? "POST" : "PUT";
      careful(`${other} ${path}`, path, await own.ask({ ...endpoint, method: other }));
      breakStore(own.house, new Error("broken"));
      careful(`${key} in a broken house`, path, await own.ask(endpoint));
    }
  }));

test("pages, their assets, preflights, and what is nowhere carry it, too", () =>
  withScene(async ({ house }) => {
    for (const { path } of embedPages())
      for (const method of ["GET", "HEAD", "POST"])
        careful(`${method} ${path}`, path, await house.call(method, path));
    for (const path of [
      "/nowhere",
      "/auth",
      "/auth/nowhere",
      "/auth/users/%2e%2e/x",
      "/%",
      "//evil.example",
      "/\\x",
    ])
      careful(path, path, await house.get(path));
    const headers = { "access-control-request-method": "POST" };
    careful("a preflight", "/auth/me", await house.call("OPTIONS", "/auth/me", { headers }));
  }));
