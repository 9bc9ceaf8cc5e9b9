/** A house as it stands after years: the compiled binary made it, and then it was filled. */
import { Database } from "bun:sqlite";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { newId } from "../src/identity/id.ts";
import { hashSecret, mintSecret } from "../src/identity/secret.ts";
import { migrate } from "../src/store/migrate.ts";
import * as schema from "../src/store/schema/sqlite.ts";
import { type Server, start } from "./bench-process.ts";

const tokensDrawn = 20_000;
const rowsPerStatement = 500;
const rowsPerCommit = 20_000;
const day = 86_400_000;

export interface House {
  /** The executable under test: a copy, so that a build meanwhile does not change what is measured. */
  readonly binary: string;

  /** How many accounts it has besides the admin, and as many open sessions. */
  readonly accounts: number;

  /** A file of tokens of open sessions, drawn at random, one a line. */
  readonly tokens: string;
  readonly tokenCount: number;

  start(): Promise<Server>;
}

/** Everybody's, the admin's too, so that a row about signing in can take any account. */
export const password = "analytical engine";

export async function makeHouse(
  folder: string,
  { built, accounts }: { built: string; accounts: number },
): Promise<House> {
  const binary = join(folder, "housekey");
  copyFileSync(built, binary);
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  const startHouse = () =>
    start({
      command: (port) => [binary, "serve", "--host", "127.0.0.1", "--port", String(port), "--data", data],
      cwd: folder,
      health: "/healthz",
    });

  const empty = await startHouse();
  await bootstrap(empty, readFileSync(join(data, "bootstrap-token"), "utf8").trim());
  await empty.stop();
  const held = fill(join(data, "housekey.db"), accounts);
  const tokens = join(folder, "tokens");
  const drawn = draw(held, tokensDrawn);
  writeFileSync(tokens, `${drawn.join("\n")}\n`, { mode: 0o600 });
  return { binary, accounts, tokens, tokenCount: drawn.length, start: startHouse };
}

async function bootstrap({ url }: Server, token: string): Promise<void> {
  const response = await fetch(`${url}/auth/bootstrap/complete`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, username: "ada", password }),
  });
  if (response.status !== 201) throw new Error(`bootstrap: ${response.status} ${await response.text()}`);
}

/** Adds accounts with one open session each; answers the tokens. Its rows are the schema's, so the compiler sees it when that moves on. */
function fill(path: string, accounts: number): string[] {
  migrate(path);
  using file = new Database(path, { readwrite: true, create: false, strict: true });
  file.run("PRAGMA foreign_keys = ON");
  const db = drizzle(file);
  const [admin] = db.select().from(schema.users).limit(1).all();
  if (!admin) throw new Error("the house has no admin");
  const now = Date.now();
  const tokens: string[] = [];

  const filled = (number: number) => {
    const createdAt = new Date(now - Math.random() * 20 * day);
    const seenAt = new Date(Math.max(createdAt.getTime(), now - Math.random() * 5 * day));
    const token = mintSecret(48);
    tokens.push(token);
    const userId = newId("usr", createdAt);
    return {
      user: {
        id: userId,
        username: `person-${number}`,
        email: `person-${number}@example.test`,
        emailVerified: true,
        name: `Person ${number}`,
        role: "member",
        passwordHash: admin.passwordHash,
        createdAt,
      } satisfies typeof schema.users.$inferInsert,
      session: {
        tokenHash: hashSecret(token),
        id: newId("ses", createdAt),
        userId,
        kind: "web",
        device: "Firefox on Linux",
        ip: "192.0.2.7",
        userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        methods: ["pwd"],
        createdAt,
        lastSeenAt: seenAt,
        expiresAt: new Date(createdAt.getTime() + 30 * day),
        provedAt: createdAt,
      } satisfies typeof schema.sessions.$inferInsert,
    };
  };

  for (let done = 0; done < accounts; ) {
    const until = Math.min(done + rowsPerCommit, accounts);
    file.run("BEGIN IMMEDIATE");
    while (done < until) {
      const size = Math.min(rowsPerStatement, until - done);
      const rows = Array.from({ length: size }, (_, index) => filled(done + index));
      db.insert(schema.users)
        .values(rows.map(({ user }) => user))
        .run();
      db.insert(schema.sessions)
        .values(rows.map(({ session }) => session))
        .run();
      done += size;
    }
    file.run("COMMIT");
  }
  return tokens;
}

/** `count` of them in random order (Fisher and Yates), or as many as there are. */
function draw(tokens: string[], count: number): string[] {
  const left = [...tokens];
  const size = Math.min(count, left.length);
  for (let place = 0; place < size; place++) {
    const other = place + Math.floor(Math.random() * (left.length - place));
    const [here = "", there = ""] = [left[place], left[other]];
    left[place] = there;
    left[other] = here;
  }
  return left.slice(0, size);
}
