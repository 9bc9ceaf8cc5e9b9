import { beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { admin, emptyFolder, requireBinary, run, startHouse } from "../binary.ts";
import { certificate, temporary } from "../mail/smtp-server.ts";

beforeAll(requireBinary);

test("with a certificate of its own the house speaks https, and its cookies say so", async () => {
  using folder = emptyFolder();
  using keys = temporary();
  const { certPath, keyPath, cert } = certificate(keys.path, "DNS:localhost");
  const args = ["--tls-cert", certPath, "--tls-key", keyPath];
  const house = await startHouse({ cwd: folder.path, args });
  expect(house.output()).toContain("housekey: listening on https://localhost:");
  const url = `https://localhost:${new URL(house.url).port}`;
  const token = readFileSync(join(house.data, "bootstrap-token"), "utf8").trim();
  const made = await fetch(`${url}/auth/bootstrap/complete`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ ...admin, token }),
    tls: { ca: cert },
  });
  expect(made.status).toBe(201);
  expect(made.headers.getSetCookie()[0]).toMatch(/^__Host-housekey=[0-9a-f]{96}; .*; Secure$/);
  const next = await fetch(`${url}/auth/options`, { tls: { ca: cert } });
  expect(next.headers.get("strict-transport-security")).toBe("max-age=31536000");
  await house.stop();
});

test("a certificate that cannot be read stops the start with a line", async () => {
  using folder = emptyFolder();
  const args = ["serve", "--port", "0", "--tls-cert", "nowhere.crt", "--tls-key", "nowhere.key"];
  const { exitCode, stderr } = await run(args, { cwd: folder.path });
  expect([exitCode === 0, stderr]).toEqual([
    false,
    expect.stringMatching(/^housekey: [^\n]*nowhere\.crt[^\n]*\n$/),
  ]);
});

test("a host with a short name, and a client that names none, reach it on the socket", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  const port = Number(new URL(house.url).port);
  const say = async (request: string): Promise<string> => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: { data: (_, chunk) => resolve(chunk.toString()), close: () => resolve("") },
    });
    socket.write(request);
    const answer = await promise;
    socket.end();
    return answer.split("\r\n")[0] ?? "";
  };
  for (const host of ["a", "pi", "nas", "housekey.lan"])
    expect([host, await say(`GET /auth/options HTTP/1.1\r\nHost: ${host}\r\n\r\n`)]).toEqual([
      host,
      "HTTP/1.1 200 OK",
    ]);
  expect(await say("GET /healthz HTTP/1.0\r\n\r\n")).toContain(" 200 ");
  expect(await say("GET /auth/options HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")).toContain(" 400 ");
  expect(await say("GET //evil.example/ HTTP/1.1\r\nHost: nas\r\n\r\n")).toContain(" 404 ");
  expect(await say("TRACE /auth/options HTTP/1.1\r\nHost: nas\r\n\r\n")).toContain(" 404 ");
  await house.stop();
});
