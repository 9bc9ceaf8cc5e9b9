/** Https by the house itself, on the executable: certificates that openssl makes, and what happens when they change. */
import { beforeAll, expect, test } from "bun:test";
import { copyFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import type { Step } from "../../src/identity/doctor.ts";
import { emptyFolder, type House, requireBinary, run, startHouse } from "../binary.ts";

beforeAll(requireBinary);

interface Asked {
  readonly subject: string;
  readonly names?: string;
  readonly days?: number;
}

function makePair(folder: string, { subject, names = "DNS:localhost", days = 90 }: Asked) {
  const [key, cert] = [join(folder, `${subject}.key`), join(folder, `${subject}.crt`)];
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const facts = ["-days", String(days), "-subj", `/CN=${subject}`, "-addext", `subjectAltName=${names}`];
  const made = Bun.spawnSync(["openssl", ...request, ...facts, "-keyout", key, "-out", cert]);
  if (made.exitCode !== 0) throw new Error(String(made.stderr));
  return { key, cert };
}

/** As certbot and acme.sh do it: each file is replaced by another. */
function put({ key, cert }: { key: string; cert: string }, at: { key: string; cert: string }): void {
  for (const name of ["key", "cert"] as const) {
    copyFileSync({ key, cert }[name], `${at[name]}.new`);
    renameSync(`${at[name]}.new`, at[name]);
  }
}

/** Whose certificate is shown to a new connection. */
function shown(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { host: "127.0.0.1", port, rejectUnauthorized: false, servername: "localhost" };
  const socket = connect(options, () => {
    resolve(String(socket.getPeerCertificate().subject.CN));
    socket.end();
  });
  socket.once("error", reject);
  return promise;
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await what())) {
    if (performance.now() > deadline) throw new Error("it did not come to that");
    await Bun.sleep(50);
  }
}

const portOf = (house: House): number => Number(new URL(house.url).port);

async function served(folder: string, first: Asked) {
  const live = { key: join(folder, "live.key"), cert: join(folder, "live.crt") };
  put(makePair(folder, first), live);
  const env = {
    HOUSEKEY_URL: "https://localhost:8420",
    HOUSEKEY_TLS_CERT: live.cert,
    HOUSEKEY_TLS_KEY: live.key,
  };
  return { live, house: await startHouse({ cwd: folder, env }) };
}

async function certificate(cwd: string, env: Record<string, string> = {}): Promise<Step> {
  const { stdout } = await run(["doctor", "--json"], { cwd, env });
  return JSON.parse(stdout).steps.find(({ name }: Step) => name === "certificate");
}

/** A request whose body is on its way until `finish`: it answers the status line. */
function slowRequest(port: number) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, servername: "localhost" });
  socket.once("error", reject);
  socket.once("close", () => reject(new Error("hung up on")));
  socket.once("data", (chunk) => {
    resolve(String(chunk).split("\r\n")[0] ?? "");
    socket.destroy();
  });
  const body = JSON.stringify({ username: "nobody", password: "nothing at all" });
  const head = ["POST /auth/local/login HTTP/1.1", "Host: localhost", "Content-Type: application/json"];
  socket.write(`${[...head, `Content-Length: ${body.length}`].join("\r\n")}\r\n\r\n${body.slice(0, 5)}`);
  return {
    finish() {
      socket.write(body.slice(5));
      return promise;
    },
  };
}

test("a new pair in place of the old one is shown to whoever connects, and a request under way is answered", async () => {
  using folder = emptyFolder();
  const { house, live } = await served(folder.path, { subject: "first" });
  expect(await shown(portOf(house))).toBe("first");
  for (const subject of ["second", "third"]) {
    const slow = slowRequest(portOf(house));
    await Bun.sleep(100);
    put(makePair(folder.path, { subject }), live);
    await until(async () => (await shown(portOf(house))) === subject);
    expect(await slow.finish()).toBe("HTTP/1.1 401 Unauthorized");
  }
  expect((await run(["healthcheck"], { cwd: folder.path })).exitCode).toBe(0);
  expect(await house.stop()).toBe(0);
  expect(house.output().match(/a new certificate is served/g)).toHaveLength(2);
}, 60_000);

test("a broken pair changes nothing, is said once, and the next good one is taken", async () => {
  using folder = emptyFolder();
  const { house, live } = await served(folder.path, { subject: "good" });
  const other = makePair(folder.path, { subject: "other" });
  copyFileSync(other.cert, live.cert);
  await until(() => house.output().includes("the key is another certificate's"));
  expect(await shown(portOf(house))).toBe("good");
  const told = await certificate(folder.path);
  expect([told.ok, told.message]).toEqual([false, expect.stringContaining("is not the key of")]);
  writeFileSync(live.cert, "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
  await until(() => house.output().split("the certificate on disk cannot be used").length === 3);
  await Bun.sleep(4500);
  expect(house.output().split("the certificate on disk cannot be used")).toHaveLength(3);
  expect(await shown(portOf(house))).toBe("good");
  put(other, live);
  await until(async () => (await shown(portOf(house))) === "other");
  expect((await certificate(folder.path)).ok).toBe(true);
  await house.stop();
}, 60_000);

test("a pair that is broken at the start stops it, in one line", async () => {
  using folder = emptyFolder();
  const [one, two] = [makePair(folder.path, { subject: "one" }), makePair(folder.path, { subject: "two" })];
  const env = { HOUSEKEY_TLS_CERT: one.cert, HOUSEKEY_TLS_KEY: two.key };
  const { exitCode, stderr } = await run(["serve", "--port", "0"], { cwd: folder.path, env });
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringMatching(/housekey: cannot use .*another certificate's\n$/),
  ]);
});

test("the doctor tells the dates and the name of the certificate", async () => {
  using folder = emptyFolder();
  const { house, live } = await served(folder.path, { subject: "long" });
  const good = await certificate(folder.path);
  expect([good.ok, good.message]).toEqual([
    true,
    expect.stringMatching(/^for localhost, good until 20\d\d-\d\d-\d\d$/),
  ]);
  put(makePair(folder.path, { subject: "short", days: 3 }), live);
  const short = await certificate(folder.path);
  expect([short.ok, short.message]).toEqual([false, expect.stringContaining("runs out on")]);
  put(makePair(folder.path, { subject: "foreign", names: "DNS:other.example.org" }), live);
  const foreign = await certificate(folder.path);
  expect([foreign.ok, foreign.message]).toEqual([false, expect.stringContaining("DNS:other.example.org")]);
  await until(async () => (await shown(portOf(house))) === "foreign");
  const outside = await run(["doctor", "--json", "--url", `https://localhost:${portOf(house)}`], {
    cwd: folder.path,
  });
  const steps: Step[] = JSON.parse(outside.stdout).steps;
  expect(steps.filter(({ name }) => name === "certificate").at(-1)?.message).toContain(
    `the certificate at https://localhost:${portOf(house)} is for DNS:other.example.org`,
  );
  expect(steps.find(({ name }) => name === "outside")?.message).toContain("this very house answers");
  await house.stop();
}, 60_000);
