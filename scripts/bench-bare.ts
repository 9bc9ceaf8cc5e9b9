/**
 * What there is without us, each as little as it can be: the runtime's server, the framework's, the hash, the
 * disk, the signature. `bun scripts/bench-bare.ts bun PORT | elysia PORT | hash SECONDS | commits SECONDS FILE |
 * sign SECONDS`; the last three print how many a second.
 */
import { Database } from "bun:sqlite";
import { generateKeyPairSync, sign } from "node:crypto";
import { availableParallelism } from "node:os";
import { Elysia } from "elysia";
import { argon2id, password } from "./bench-password.ts";

const [, , what, number, file = ""] = process.argv;
const hostname = "127.0.0.1";

if (what === "bun")
  Bun.serve({
    hostname,
    port: Number(number),
    development: false,
    fetch: () => Response.json({ status: "ok" }),
  });
if (what === "elysia")
  new Elysia().get("/healthz", () => ({ status: "ok" })).listen({ hostname, port: Number(number) });
if (what === "hash") print(await verifications());
if (what === "commits") print(commits());
if (what === "sign") print(signatures());

function print(perSecond: number): void {
  process.stdout.write(`${perSecond}\n`);
}

/** As many at once as the house has: one a core. */
async function verifications(): Promise<number> {
  const hash = await Bun.password.hash(password, argon2id);
  const began = performance.now();
  const until = began + Number(number) * 1000;
  let done = 0;
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      while (performance.now() < until) {
        if (!(await Bun.password.verify(password, hash))) throw new Error("a right password is wrong");
        done++;
      }
    }),
  );
  return (done * 1000) / (performance.now() - began);
}

/** One row a commit, one after another, each on the disk before the next (WAL, FULL). */
function commits(): number {
  using database = new Database(file, { create: true, strict: true });
  database.run("PRAGMA journal_mode = wal");
  database.run("PRAGMA synchronous = FULL");
  database.run("CREATE TABLE IF NOT EXISTS rows (id TEXT PRIMARY KEY, at INTEGER NOT NULL)");
  const insert = database.prepare("INSERT INTO rows VALUES (?, ?)");
  return repeated(() => insert.run(crypto.randomUUID(), Date.now()));
}

function signatures(): number {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const text = Buffer.from("x".repeat(400));
  return repeated(() => sign("RSA-SHA256", text, privateKey));
}

function repeated(work: () => unknown): number {
  const began = performance.now();
  const until = began + Number(number) * 1000;
  let done = 0;
  for (; performance.now() < until; done++) work();
  return (done * 1000) / (performance.now() - began);
}
