/**
 * The peer: Better Auth on Bun with SQLite, as its manual says, in production, without its limits of rates. Runs in a
 * folder where it is installed: `bun bench-better-auth.js fill ACCOUNTS DRAWN | serve scrypt|argon2id PORT`.
 *
 * Its cookie cache is off, as it is unless one switches it on: with it a session that was ended stays good until the
 * copy in the cookie runs out. Its database gets WAL, which it does not ask for and is the better for.
 */
import { Database } from "bun:sqlite";
import { createHmac, randomBytes } from "node:crypto";
import { copyFileSync, writeFileSync } from "node:fs";
import { betterAuth } from "better-auth";
import { hashPassword } from "better-auth/crypto";
import { getMigrations } from "better-auth/db/migration";

const [, , what, first, second] = process.argv;
const { BENCH_PASSWORD: password = "", BENCH_ARGON2ID = "{}" } = process.env;
const argon2id = JSON.parse(BENCH_ARGON2ID);
const secret = "the secret of a house that is only measured";
const day = 86_400_000;

const hashes = {
  scrypt: {},
  argon2id: {
    password: {
      hash: (text) => Bun.password.hash(text, argon2id),
      verify: ({ hash, password: text }) => Bun.password.verify(text, hash),
    },
  },
};

const options = (kind, port) => ({
  baseURL: `http://127.0.0.1:${port}`,
  secret,
  database: open(kind),
  emailAndPassword: { enabled: true, ...hashes[kind] },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: "error" },
});

function open(kind) {
  const database = new Database(`${kind}.db`, { create: true });
  database.run("PRAGMA journal_mode = wal");
  database.run("PRAGMA synchronous = FULL");
  return database;
}

if (what === "fill") await fill(Number(first), Number(second));
else await serve(first, Number(second));

async function serve(kind, port) {
  const auth = betterAuth(options(kind, port));
  const fetch = (request) =>
    request.url.endsWith("/healthz") ? Response.json({ status: "ok" }) : auth.handler(request);
  Bun.serve({ hostname: "127.0.0.1", port, development: false, fetch });
}

/** As many accounts with a session each as the house has, straight into the tables that it made. */
async function fill(accounts, drawn) {
  const asked = options("scrypt", 0);
  await (await getMigrations(asked)).runMigrations();
  const { database } = asked;
  database.run("PRAGMA synchronous = OFF");
  const hash = await hashPassword(password);
  const addUser = database.prepare(
    "INSERT INTO user (id, name, email, emailVerified, createdAt, updatedAt) VALUES (?, ?, ?, 1, ?, ?)",
  );
  const addAccount = database.prepare(
    "INSERT INTO account (id, accountId, providerId, userId, password, createdAt, updatedAt) VALUES (?, ?, 'credential', ?, ?, ?, ?)",
  );
  const addSession = database.prepare(
    "INSERT INTO session (id, expiresAt, token, createdAt, updatedAt, ipAddress, userAgent, userId) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  // Fresh ones: it would write a session down again that is older than a day.
  const now = new Date().toISOString();
  const end = new Date(Date.now() + 7 * day).toISOString();
  const cookies = [];
  const emails = [];
  database.run("BEGIN");
  for (let number = 0; number < accounts; number++) {
    const [id, token] = [mint(), mint()];
    const email = `person-${number}@example.test`;
    addUser.run(id, `Person ${number}`, email, now, now);
    addAccount.run(mint(), id, id, hash, now, now);
    addSession.run(mint(), end, token, now, now, "192.0.2.7", "Mozilla/5.0 (X11; Linux x86_64)", id);
    // Accounts are alike: any share of them is as random as another.
    if (number % Math.max(1, Math.floor(accounts / drawn)) > 0) continue;
    cookies.push(`better-auth.session_token=${token}.${encodeURIComponent(signature(token))}`);
    emails.push(email);
  }
  database.run("COMMIT");
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  writeFileSync("cookies", `${cookies.join("\n")}\n`);
  writeFileSync("emails", `${emails.join("\n")}\n`);

  copyFileSync("scrypt.db", "argon2id.db");
  const other = open("argon2id");
  other.run("UPDATE account SET password = ?", [await Bun.password.hash(password, argon2id)]);
  other.close();
}

function mint() {
  return randomBytes(24).toString("base64url");
}

function signature(token) {
  return createHmac("sha256", secret).update(token).digest("base64");
}
