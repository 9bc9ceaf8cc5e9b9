/** What a restored house still opens: nothing that is merely held, everything that is known or owned. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { is } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import { concludeRestore } from "../../src/identity/restore.ts";
import * as schema from "../../src/store/schema/sqlite.ts";
import { ask, create, poll, start } from "../device/steps.ts";
import { type Appliance, password } from "../harness.ts";
import { refresh, send, login as spaLogin } from "../spa/tokens.ts";
import { login, securedAda } from "../two-factor/app.ts";

/** Total: of a new table somebody has to say whether what is in it may outlive a restore. */
const fates: Record<string, "stays" | "ended" | "emptied" | "partly"> = {
  api_keys: "stays",
  assertions: "stays",
  audit: "stays",
  backup_codes: "stays",
  bootstraps: "partly",
  ceremonies: "emptied",
  devices: "partly",
  guarded_hosts: "stays",
  house: "stays",
  identities: "stays",
  invites: "emptied",
  known: "stays",
  mail_code_tries: "stays",
  mail_codes: "emptied",
  mail_sendings: "stays",
  mails: "emptied",
  passkeys: "stays",
  proofs: "emptied",
  providers: "stays",
  recoveries: "emptied",
  refreshes: "ended",
  sessions: "ended",
  settings: "stays",
  signing_keys: "stays",
  tenants: "stays",
  throttles: "stays",
  totps: "stays",
  users: "stays",
};

const restored = (house: Appliance, keepSessions = false) =>
  concludeRestore(house.core, { from: new Date("2026-01-01T00:00:00Z"), keepSessions });

/** Something of everything that opens something by being held; how each is tried, and what it answers while it works. */
async function held(house: Appliance) {
  const root = await house.addUser("root", { role: "admin" });
  const { token } = await house.addSession(root);
  const ada = await securedAda(house);
  const bob = await house.addUser("bob");
  const tokens = (await spaLogin(house, "bob@example.com")).body;
  const challenge = (await spaLogin(house)).body.challenge_token;
  await send(house, "login", "bob@example.com");
  const code = await house.codeFor("bob@example.com");
  await send(house, "reset", "bob@example.com");
  const link = async (path: string) => (await house.post(path, {}, { token })).body;
  const recovery = (await link(`/auth/users/${bob.id}/recovery`)).url.split("#token=")[1];
  const invite = (await link("/auth/invites")).token;
  const another = (await link("/auth/bootstrap/tokens")).token;
  const pending = (await create(house)).body;
  const allowed = (await create(house)).body;
  await ask(house, "authorize", allowed.code, { token });
  const status = async (asking: Promise<{ status: number }>) => (await asking).status;
  await house.post("/auth/passkeys/authenticate/options", {});
  const tries: Record<string, { works: unknown; tried: () => Promise<unknown> }> = {
    "a session": { works: 200, tried: () => status(house.get("/auth/sessions/current", { token })) },
    "a session with a second factor": {
      works: 200,
      tried: () => status(house.get("/auth/sessions/current", { token: ada.token })),
    },
    "an access token": {
      works: 200,
      tried: () => status(house.get("/api/v1/auth/me", { token: tokens.access_token })),
    },
    "a refresh token": { works: 200, tried: () => status(refresh(house, tokens.refresh_token)) },
    "a challenge": {
      works: 200,
      tried: () =>
        status(house.post("/api/v1/auth/2fa/verify", { challenge_token: challenge, code: ada.code() })),
    },
    "a mailed code": {
      works: 200,
      tried: () => status(house.post("/api/v1/auth/otp/login", { email: "bob@example.com", code })),
    },
    "an invitation": { works: 200, tried: () => status(house.post("/auth/invites/info", { token: invite })) },
    "a token that makes an admin": {
      works: 201,
      tried: () =>
        status(house.post("/auth/bootstrap/complete", { token: another, username: "eve", password })),
    },
    "a device that was let in": {
      works: "authorized",
      tried: async () => (await poll(house, allowed.token, {})).body.status,
    },
    "a device that waits": {
      works: "pending",
      tried: async () => (await poll(house, pending.token, {})).body.status,
    },
    "a recovery link": {
      works: 201,
      tried: () =>
        status(house.post("/auth/recovery/complete", { token: recovery, password: "difference engine" })),
    },
  };
  return tries;
}

test("nothing that was held before opens anything", async () => {
  await using house = await start();
  const tries = await held(house);
  await restored(house);
  for (const [what, { works, tried }] of Object.entries(tries)) {
    const answer = await tried();
    expect([what, answer]).not.toEqual([what, works]);
    expect([what, [400, 401, "invalid"]]).toEqual([what, expect.arrayContaining([answer])]);
  }
});

test("the same without a restore, or with sessions kept, all opens: the test above can fail", async () => {
  for (const concluded of [false, true]) {
    await using house = await start();
    const tries = await held(house);
    if (concluded) await restored(house, true);
    house.advance(30);
    for (const [what, { works, tried }] of Object.entries(tries))
      expect([what, await tried()]).toEqual([what, works]);
  }
});

test("people sign in with what they know and own, and the audit says what happened", async () => {
  await using house = await start();
  const { backupCodes, code } = await securedAda(house);
  await house.addUser("bob");
  await restored(house);
  expect((await login(house, undefined, "bob")).status).toBe(201);
  expect((await login(house, backupCodes[0])).status).toBe(201);
  // What the app shows now could have been used since the backup was made.
  expect((await login(house, code())).status).toBe(401);
  house.advance(30);
  expect((await login(house, code())).status).toBe(201);
  const [entry] = await house.core.store.read.audit.list(
    { userId: null, event: "house.restored" },
    { after: null, limit: 1 },
  );
  expect(entry?.reason).toBe("backup of 2026-01-01T00:00:00.000Z");
});

test("a code from the app that was used since the backup is not taken again, sessions kept or not", async () => {
  for (const keepSessions of [false, true]) {
    await using house = await start();
    const { code, ada } = await securedAda(house);
    const before = await house.core.store.read.totps.find(ada.id);
    const used = code();
    expect((await login(house, used)).status).toBe(201);
    // The row as the backup has it.
    await house.core.store.write(async (tx) => {
      if (before) await tx.totps.put(before);
    });
    await restored(house, keepSessions);
    expect((await login(house, used)).status).toBe(401);
  }
});

test("sessions end whatever the clock says: one that had run out does not come back when it is set right", async () => {
  await using house = await start();
  const { token } = await house.addSession(await house.addUser("ada"));
  house.advance(400 * 86_400);
  await restored(house);
  house.advance(-400 * 86_400);
  expect((await house.get("/auth/sessions/current", { token })).status).toBe(401);
  const other = await house.addSession(await house.addUser("bob"));
  house.advance(-86_400);
  await restored(house);
  house.advance(86_400);
  expect((await house.get("/auth/sessions/current", { token: other.token })).status).toBe(401);
});

test("of every table it is decided what becomes of it", async () => {
  const named = Object.values(schema)
    .filter((one) => is(one, SQLiteTable))
    .map((table) => getTableConfig(table).name);
  expect(Object.keys(fates).sort()).toEqual(named.sort());
  await using house = await start();
  await held(house);
  const count = (table: string, where = "true") => {
    using db = new Database(`${house.folder}/housekey.db`, { readonly: true });
    return Number(db.query(`SELECT count(*) FROM ${table} WHERE ${where}`).values()[0]?.[0]);
  };
  const before = Object.fromEntries(named.map((table) => [table, count(table)]));
  await restored(house);
  for (const [table, fate] of Object.entries(fates)) {
    if (fate === "emptied") expect([table, (before[table] ?? 0) > 0, count(table)]).toEqual([table, true, 0]);
    if (fate === "stays" && table !== "audit")
      expect([table, count(table)]).toEqual([table, before[table] ?? 0]);
  }
  expect(count("sessions", "ended_at IS NULL")).toBe(0);
  expect(count("devices", "status IN ('pending', 'authorized')")).toBe(0);
  expect(count("bootstraps", "kind = 'admin' AND spent_at IS NULL")).toBe(0);
});
