/** Backups of a house that is busy: each is the house of one moment, with everything that was answered before it. */
import { beforeAll, expect, test } from "bun:test";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { admin, emptyFolder, type House, requireBinary, speak } from "../binary.ts";
import { alive, served } from "./backed-up.ts";
import { done } from "./backups.ts";
import { operate } from "./operator.ts";

beforeAll(requireBinary);

/** A session as its client knows it: when it heard that it was open, and that it was ended. */
interface Known {
  readonly token: string;
  readonly opened: number;
  ended: number | null;
}

interface Family {
  /** Each refresh token, and when the client had it. */
  readonly tokens: { readonly token: string; readonly at: number }[];
}

interface Made {
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

const now = (): number => performance.now();

async function signInAndOut(house: House, busy: () => boolean, known: Known[]): Promise<void> {
  while (busy()) {
    const { status, body } = await speak(house, "POST", "/auth/local/login", { body: admin });
    expect(status).toBe(201);
    const session: Known = { token: body.token, opened: now(), ended: null };
    known.push(session);
    if (known.length % 2 === 0) continue;
    await speak(house, "DELETE", "/auth/sessions/current", { token: session.token });
    session.ended = now();
  }
}

async function refreshes(house: House, busy: () => boolean, family: Family): Promise<void> {
  const own = { email: admin.username, password: admin.password };
  let { body } = await speak(house, "POST", "/api/v1/auth/login", { body: own });
  while (busy()) {
    family.tokens.push({ token: body.refresh_token, at: now() });
    await Bun.sleep(20);
    const answer = await speak(house, "POST", "/api/v1/auth/refresh", {
      body: { refresh_token: body.refresh_token },
    });
    expect(answer.status).toBe(200);
    body = answer.body;
  }
}

test("backups every quarter of a second while people come and go: each is restored, and nothing in it is wrong", async () => {
  const env = {
    HOUSEKEY_LIMIT_REFRESH: "off",
    HOUSEKEY_ARGON2_MEMORY_KIB: "8192",
    HOUSEKEY_ARGON2_PASSES: "1",
  };
  await using operated = await operate({ env });
  const { house, cwd } = operated;
  const known: Known[] = [];
  const families: Family[] = [{ tokens: [] }, { tokens: [] }];
  const made: Made[] = [];
  let busy = true;
  const load = [
    ...[1, 2, 3, 4].map(() => signInAndOut(house, () => busy, known)),
    ...families.map((family) => refreshes(house, () => busy, family)),
  ];
  for (let n = 0; n < 12; n++) {
    const from = now();
    await done(cwd, "backup", `${n}.tar.gz`);
    made.push({ file: join(cwd, `${n}.tar.gz`), from, to: now() });
    await Bun.sleep(Math.max(0, 250 - (now() - from)));
  }
  busy = false;
  await Promise.all(load);
  expect(known.length).toBeGreaterThan(30);

  for (const { file, from, to } of made) await restoresTo(file, from, to, { house, known, families });
}, 120_000);

async function restoresTo(
  file: string,
  from: number,
  to: number,
  { house, known, families }: { house: House; known: Known[]; families: Family[] },
): Promise<void> {
  using folder = emptyFolder();
  const data = join(folder.path, "housekey-data");
  mkdirSync(data, { mode: 0o700 });
  copyFileSync(join(house.data, "master.key"), join(data, "master.key"));
  await done(folder.path, "restore", file, "--keep-sessions");
  // Stopping it looks it over, too.
  await served(folder.path, async (restored) => {
    for (const { token, opened, ended } of known) {
      const is = await alive(restored, token);
      if (ended !== null && ended < from) expect([token, is]).toEqual([token, false]);
      if (opened < from && (ended === null || ended > to + 1000)) expect([token, is]).toEqual([token, true]);
      if (opened > to + 1000) expect([token, is]).toEqual([token, false]);
    }
    for (const { tokens } of families) {
      const heard = tokens.findLastIndex(({ at }) => at < from);
      // The newest that is in it; those after it were never heard of.
      const newest = await lastTaken(restored, tokens);
      expect(newest).toBeGreaterThanOrEqual(heard);
    }
  });
  await done(folder.path, "restore", file);
  await served(folder.path, async (restored) => {
    for (const { token } of known) expect(await alive(restored, token)).toBe(false);
    for (const { tokens } of families)
      for (const { token } of tokens) {
        const body = { refresh_token: token };
        expect((await speak(restored, "POST", "/api/v1/auth/refresh", { body })).status).toBe(401);
      }
  });
}

/** Which of a family's tokens the house takes; -1 for none. Newest first: one that was used twice ends the family. */
async function lastTaken(house: House, tokens: Family["tokens"]): Promise<number> {
  for (const [index, { token }] of [...tokens.entries()].reverse()) {
    const body = { refresh_token: token };
    const { status } = await speak(house, "POST", "/api/v1/auth/refresh", { body });
    if (status === 200) return index;
  }
  return -1;
}
