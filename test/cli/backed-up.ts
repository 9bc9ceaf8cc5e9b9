/** A house of which backups were made, and what has happened to it since. */
import { expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { admin, bootstrap, emptyFolder, type House, speak, startHouse } from "../binary.ts";
import { done, passphrase } from "./backups.ts";

const env = {
  HOUSEKEY_LIMIT_SIGNIN: "off",
  HOUSEKEY_LIMIT_BOOTSTRAP: "off",
  HOUSEKEY_LIMIT_REFRESH: "off",
};

export interface BackedUp {
  readonly data: string;

  /**
   * The backups are `empty.tar.gz` (before the first admin), `open.tar.gz` and `house.age` (the same moment, with a
   * passphrase), and `other.tar.gz` and `other.age` of another house; `secret` and `wrong` are files with passphrases.
   */
  file(name: string): string;

  /** What was true of each session when the backups were made, or has become of it since. */
  readonly tokens: Readonly<Record<"open" | "ended" | "endedSince" | "refresh" | "access", string>>;

  [Symbol.dispose](): void;
}

export async function backedUp(): Promise<BackedUp> {
  const folder = emptyFolder();
  const cwd = folder.path;
  const file = (name: string) => join(cwd, name);
  writeFileSync(file("secret"), `${passphrase}\n`);
  writeFileSync(file("wrong"), "another passphrase\n");
  const house = await startHouse({ cwd, env });
  await done(cwd, "backup", "empty.tar.gz");
  await bootstrap(house);
  const [open, ended, endedSince] = [await signIn(house), await signIn(house), await signIn(house)];
  await speak(house, "DELETE", "/auth/sessions/current", { token: ended });
  const own = { email: admin.username, password: admin.password };
  const { body } = await speak(house, "POST", "/api/v1/auth/login", { body: own });
  await done(cwd, "backup", "open.tar.gz");
  await done(cwd, "backup", "house.age", "--passphrase-file", "secret");
  await speak(house, "DELETE", "/auth/sessions/current", { token: endedSince });
  await done(cwd, "user", "add", "later");
  await house.stop();
  await otherHouse(file);
  return {
    data: house.data,
    file,
    tokens: { open, ended, endedSince, refresh: body.refresh_token, access: body.access_token },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** One with another master key. */
async function otherHouse(file: (name: string) => string): Promise<void> {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  await bootstrap(house);
  await done(folder.path, "backup", file("other.tar.gz"));
  await done(folder.path, "backup", file("other.age"), "--passphrase-file", file("secret"));
  await house.stop();
}

export async function signIn(house: House): Promise<string> {
  const { status, body } = await speak(house, "POST", "/auth/local/login", { body: admin });
  expect(status).toBe(201);
  return body.token;
}

export const alive = async (house: House, token: string): Promise<boolean> =>
  (await speak(house, "GET", "/auth/sessions/current", { token })).status === 200;

/** The house served for as long as `work` takes; stopping it looks it over. */
export async function served(cwd: string, work: (house: House) => Promise<void>): Promise<void> {
  const house = await startHouse({ cwd, env });
  try {
    await work(house);
  } finally {
    await house.stop();
  }
}
