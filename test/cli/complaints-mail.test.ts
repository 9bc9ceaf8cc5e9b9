/** "No mail arrives": what an admin is told on the executable, and that doing it helps. */
import { beforeAll, expect, test } from "bun:test";
import { createServer } from "node:net";
import type { Step } from "../../src/identity/doctor.ts";
import { bootstrap, emptyFolder, requireBinary, run, speak, startHouse } from "../binary.ts";
import { certificate, startSmtp } from "../mail/smtp-server.ts";
import { findings } from "./findings.ts";

beforeAll(requireBinary);

interface Told {
  readonly ok: boolean;
  readonly last: Step | undefined;
  readonly transcript: readonly string[];
}

/** Runs a house with this mail server, and tries it out as its admin does. */
async function tryOut(
  cwd: string,
  smtp: string,
  env: Record<string, string> = {},
): Promise<Told & { doctor: Step[] }> {
  const house = await startHouse({
    cwd,
    env: { HOUSEKEY_URL: "https://auth.example.org", HOUSEKEY_SMTP_URL: smtp, ...env },
  });
  const made = await run(["user", "list", "--json"], { cwd });
  const fresh = JSON.parse(made.stdout).length === 0 || JSON.parse(made.stdout).users?.length === 0;
  const token = fresh
    ? (await bootstrap(house)).body.token
    : (
        await speak(house, "POST", "/auth/local/login", {
          body: { username: "ada", password: "analytical engine" },
        })
      ).body.token;
  const { status, body } = await speak(house, "POST", "/auth/mail/test", {
    token,
    body: { to: "ada@example.org" },
  });
  expect(status).toBe(200);
  const doctor = (await findings(cwd)).of("mail");
  await house.stop();
  expect(house.output()).not.toContain("open sesame");
  return { ok: body.ok, last: body.steps.at(-1), transcript: body.transcript, doctor };
}

test("nobody there, a wrong password, a wrong certificate: each in words, and mended the letter is taken", async () => {
  using folder = emptyFolder();
  const localhost = certificate(folder.path, "DNS:localhost");
  await using server = await startSmtp(localhost);
  const trust = { NODE_EXTRA_CA_CERTS: localhost.certPath };
  const address = (password: string, port = server.port) => `smtp://letters:${password}@localhost:${port}`;

  const refusing = await tryOut(folder.path, address("open%20sesame", 1), trust);
  expect([refusing.ok, refusing.last?.name]).toEqual([false, "connection"]);
  expect(refusing.last?.message).toBe("localhost:1 refused the connection: connect ECONNREFUSED 127.0.0.1:1");
  expect(refusing.last?.fix).toContain("587 for smtp:// and 465 for smtps://");
  expect(refusing.doctor).toHaveLength(1);

  const unknown = await tryOut(folder.path, address("open%20sesame"));
  expect([unknown.ok, unknown.last?.name]).toEqual([false, "certificate"]);
  expect(unknown.last?.fix).toContain("NODE_EXTRA_CA_CERTS");

  const mistyped = await tryOut(folder.path, address("open%20says-me"), trust);
  expect([mistyped.ok, mistyped.last?.name]).toEqual([false, "authentication"]);
  expect(mistyped.transcript.some((line) => line.startsWith("S: 535"))).toBe(true);
  expect(server.received).toEqual([]);

  const mended = await tryOut(folder.path, address("open%20sesame"), trust);
  expect([mended.ok, mended.last?.name, mended.doctor]).toEqual([true, "letter", []]);
  expect(server.received).toHaveLength(1);
  expect(server.received[0]).toMatchObject({ to: ["ada@example.org"], user: "letters", secure: true });
}, 60_000);

test("a server that hangs is given up, told in words, and holds nobody up", async () => {
  using folder = emptyFolder();
  const hanging = createServer(() => {});
  await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
  const { port } = hanging.address() as { port: number };
  const house = await startHouse({
    cwd: folder.path,
    env: { HOUSEKEY_SMTP_URL: `smtp://localhost:${port}` },
  });
  const { token } = (await bootstrap(house)).body;
  const began = performance.now();
  const asked = speak(house, "POST", "/auth/mail/test", { token, body: { to: "ada@example.org" } });
  expect((await speak(house, "GET", "/auth/sessions/current", { token })).status).toBe(200);
  const { status, body } = await asked;
  expect(performance.now() - began).toBeLessThan(30_000);
  expect([status, body.ok, body.steps.at(-1).name]).toEqual([200, false, "greeting"]);
  expect(body.steps.at(-1).fix).toContain("smtps://");
  await house.stop();
  hanging.close();
}, 60_000);
