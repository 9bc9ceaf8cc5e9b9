/** Fills a house that stands still: accounts with an open session each, and what clients of other kinds hold. */
import { Database } from "bun:sqlite";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isNull } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { importPKCS8, SignJWT } from "jose";
import { mintKey } from "../src/identity/api-key.ts";
import { newId } from "../src/identity/id.ts";
import { makeKeyring } from "../src/identity/keyring.ts";
import { hashSecret, mintSecret } from "../src/identity/secret.ts";
import * as schema from "../src/store/schema/sqlite.ts";
import { inserter, person, type SessionRow, sessionOf, type UserRow } from "./bench-rows.ts";

const cacheKib = 600_000;
const day = 86_400_000;
const signedAtOnce = 64;

/** What clients hold, drawn at random; `jwts`, `refreshTokens` and `apiKeys` are each of another account. */
export interface Credentials {
  readonly usernames: readonly string[];
  readonly tokens: readonly string[];
  readonly jwts: readonly string[];
  readonly refreshTokens: readonly string[];
  readonly apiKeys: readonly string[];
}

export interface Filling {
  /** The house's data folder. */
  readonly data: string;

  /** The address that its access tokens name. */
  readonly url: string;

  readonly accounts: number;

  /** How many of them are drawn, at most. */
  readonly draw: number;

  /** Whether those have a single-page app and an API key as well. */
  readonly everyKind: boolean;
}

export async function fill({ data, url, accounts, draw, everyKind }: Filling): Promise<Credentials> {
  using file = new Database(join(data, "housekey.db"), { readwrite: true, create: false, strict: true });
  // Nobody waits for what is written here, and it is begun anew when the machine stops.
  file.run("PRAGMA synchronous = OFF");
  file.run(`PRAGMA cache_size = -${cacheKib}`);
  const db = drizzle(file);
  const [admin] = db.select().from(schema.users).limit(1).all();
  if (!admin) throw new Error("the house has no admin");

  const chosen = sample(accounts, draw);
  const drawn: { user: UserRow; token: string }[] = [];
  const addUser = inserter(file, schema.users);
  const addSession = inserter(file, schema.sessions);
  file.run("BEGIN IMMEDIATE");
  for (let number = 0; number < accounts; number++) {
    const user = person(number, { passwordHash: admin.passwordHash });
    const token = mintSecret(48);
    addUser(user);
    addSession(sessionOf(user, "web", token));
    if (chosen.has(number)) drawn.push({ user, token });
  }
  file.run("COMMIT");
  const others = everyKind ? fillOthers(file, drawn) : { sessions: [], refreshTokens: [], apiKeys: [] };
  file.run("PRAGMA wal_checkpoint(TRUNCATE)");

  const [key] = db.select().from(schema.signingKeys).where(isNull(schema.signingKeys.verifiesUntil)).all();
  if (!key) throw new Error("the house has no signing key");
  return {
    usernames: drawn.map(({ user }) => user.username),
    tokens: drawn.map(({ token }) => token),
    jwts: await accessTokens(others.sessions, { url, key, master: masterKey(data) }),
    refreshTokens: others.refreshTokens,
    apiKeys: others.apiKeys,
  };
}

/** For each of them a session of a single-page app with its refresh token, and an API key. */
function fillOthers(file: Database, drawn: readonly { user: UserRow }[]) {
  const addSession = inserter(file, schema.sessions);
  const addRefresh = inserter(file, schema.refreshes);
  const addKey = inserter(file, schema.apiKeys);
  file.run("BEGIN IMMEDIATE");
  const filled = drawn.map(({ user }) => {
    const session = sessionOf(user, "spa", mintSecret(48));
    const [refreshToken, apiKey] = [mintSecret(32), mintKey()];
    const { id: userId, createdAt } = user;
    addSession(session);
    addRefresh({
      tokenHash: hashSecret(refreshToken),
      sessionId: session.id,
      createdAt: new Date(),
      expiresAt: new Date(Date.now() + 6 * day),
    });
    addKey({
      tokenHash: hashSecret(apiKey),
      id: newId("key", createdAt),
      userId,
      name: "a program",
      prefix: apiKey.slice(0, 9),
      scopes: ["profile:read"],
      createdAt,
    });
    return { session, refreshToken, apiKey };
  });
  file.run("COMMIT");
  return {
    sessions: filled.map(({ session }) => session),
    refreshTokens: filled.map(({ refreshToken }) => refreshToken),
    apiKeys: filled.map(({ apiKey }) => apiKey),
  };
}

const masterKey = (data: string): Uint8Array =>
  new Uint8Array(Buffer.from(readFileSync(join(data, "master.key"), "utf8").trim(), "base64"));

interface Signing {
  readonly url: string;
  readonly key: typeof schema.signingKeys.$inferSelect;
  readonly master: Uint8Array;
}

/** As the house itself would sign them: signed by its key, which its master key opens. */
async function accessTokens(
  sessions: readonly SessionRow[],
  { url, key, master }: Signing,
): Promise<string[]> {
  const pem = makeKeyring(master).open("signing_key", key.kid, key.sealed);
  const privateKey = await importPKCS8(pem, "RS256");
  const signed: string[] = [];
  for (let from = 0; from < sessions.length; from += signedAtOnce)
    signed.push(
      ...(await Promise.all(
        sessions
          .slice(from, from + signedAtOnce)
          .map(({ id, userId }) =>
            new SignJWT({ sid: id })
              .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: key.kid })
              .setIssuer(url)
              .setAudience(url)
              .setSubject(userId)
              .setIssuedAt()
              .setExpirationTime("20h")
              .setJti(randomUUID())
              .sign(privateKey),
          ),
      )),
    );
  return signed;
}

/** `count` of the numbers below `among`, or all there are (Floyd's way). */
function sample(among: number, count: number): Set<number> {
  const chosen = new Set<number>();
  for (let next = Math.max(0, among - count); next < among; next++) {
    const tried = Math.floor(Math.random() * (next + 1));
    chosen.add(chosen.has(tried) ? next : tried);
  }
  return chosen;
}
