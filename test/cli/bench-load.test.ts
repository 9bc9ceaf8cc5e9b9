/** The load generator of `housekey bench`: what it counts is what was answered. */
import { expect, test } from "bun:test";
import { during, each, load, written } from "../../src/cli/bench-load.ts";

test("every request is asked once, and refusals are counted apart", async () => {
  const seen: string[] = [];
  await using server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      seen.push(`${request.method} ${new URL(request.url).pathname} ${await request.text()}`);
      return new Response("a few words", {
        status: request.headers.get("authorization") === "yes" ? 201 : 401,
      });
    },
  });
  const requests = [1, 2, 3, 4, 5, 6, 7].map((number) =>
    written({
      method: "POST",
      path: `/${number}`,
      headers: { authorization: number > 2 ? "yes" : "no" },
      body: `{"number":${number}}`,
    }),
  );
  const { right, wrong, took, seconds } = await load({
    url: server.url.origin,
    connections: 3,
    next: each(requests),
  });
  expect([right, wrong, took.length]).toEqual([5, 2, 7]);
  expect(seconds).toBeGreaterThan(0);
  expect(seen.sort()).toEqual([1, 2, 3, 4, 5, 6, 7].map((number) => `POST /${number} {"number":${number}}`));
});

test("an answer counts once it is there to its last byte", async () => {
  const pieces = ["HTTP/1.1 200 OK\r\nContent-Le", "ngth: 5\r\n\r", "\nab", "cde"];
  let answered = 0;
  using server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      async data(socket) {
        answered++;
        for (const piece of pieces) {
          socket.write(piece);
          socket.flush();
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    },
  });
  const requests = [written({ path: "/" }), written({ path: "/" })];
  const url = `http://127.0.0.1:${server.port}`;
  const { right, wrong } = await load({ url, connections: 1, next: each(requests) });
  expect([right, wrong, answered]).toEqual([2, 0, 2]);
});

test("a server that hangs up is an error, not a figure", async () => {
  using server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (socket) => void socket.end() },
  });
  const url = `http://127.0.0.1:${server.port}`;
  await expect(load({ url, connections: 2, next: each([written({ path: "/" })]) })).rejects.toThrow("broke");
});

test("asking goes on for its time, from the first request, and then ends", async () => {
  await using server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("ok") });
  const next = during(150, [written({ path: "/" })]);
  const { right, seconds } = await load({ url: server.url.origin, connections: 2, next });
  expect(right).toBeGreaterThan(2);
  expect(seconds).toBeGreaterThanOrEqual(0.15);
});
