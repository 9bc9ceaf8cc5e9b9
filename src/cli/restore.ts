import { Database } from "bun:sqlite";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Config } from "../config.ts";
import { Failure } from "../host/failure.ts";
import { actAsOwner, keyPath, lockFolder, makeFolder, writeMarker } from "../host/folder.ts";
import { finishRestore, stage } from "../host/swap.ts";
import { Refusal } from "../identity/refusal.ts";
import { concludeRestore } from "../identity/restore.ts";
import { openSqlite } from "../store/sqlite.ts";
import { isTerminal } from "./client-ask.ts";
import type { Command, Invocation } from "./command.ts";
import { commandCore } from "./open.ts";
import { askPassphrase, givenPassphrase, passphraseFile } from "./passphrase.ts";
import { accounts, print } from "./print.ts";
import { type Asked, type Staged, stageBackup } from "./staged.ts";

export const restore: Command = {
  name: "restore",
  words: ["FILE"],
  flags: [
    { name: "check", summary: "only look whether it could be restored here" },
    { name: "keep-sessions", summary: "end nothing: whoever was signed in then is signed in again" },
    passphraseFile,
    { name: "force", summary: "also when verify finds something wrong with what is in it" },
  ],
  summary: "put the house back to what it was in FILE; what is there now is put aside, and sessions end",
  example: "housekey restore /mnt/usb/house.tar.gz.age --data /var/lib/housekey",
  async run({ config, words: [file = ""], flags, json }) {
    // Before root becomes the owner of the folder, who may not be able to read it.
    const descriptor = openSource(file);
    try {
      const asked: Asked = {
        config,
        file,
        descriptor,
        passphrase: () => passphraseFor(file, { config, flags }),
        force: flags.force !== undefined,
      };
      if (flags.check !== undefined) await check(asked, json);
      else await put(asked, { json, keepSessions: flags["keep-sessions"] !== undefined });
      return 0;
    } finally {
      closeSync(descriptor);
    }
  },
};

function openSource(file: string): number {
  try {
    return openSync(file, "r");
  } catch (error) {
    throw new Failure(`cannot read ${file}`, error);
  }
}

async function passphraseFor(file: string, asked: Pick<Invocation, "config" | "flags">): Promise<string> {
  const given = givenPassphrase(asked);
  if (given !== null) return given;
  if (isTerminal()) return askPassphrase(`passphrase of ${basename(file)}`);
  throw new Failure(`${file} is encrypted; --passphrase-file names a file with its passphrase`);
}

async function check(asked: Asked, json: boolean): Promise<void> {
  const { config, file } = asked;
  if (existsSync(config.data)) actAsOwner(config.data);
  const path = mkdtempSync(join(tmpdir(), "housekey-"));
  try {
    const staged = await stageBackup(asked, path);
    print(json, { ...wire(file, staged), restored: false }, `${file} is sound: ${inWords(staged)}`);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

interface How {
  readonly json: boolean;
  readonly keepSessions: boolean;
}

async function put(asked: Asked, { json, keepSessions }: How): Promise<void> {
  const { config, file } = asked;
  const { staged, aside } = await withFolder(config.data, async () => {
    const staging = stage(config.data, new Date());
    try {
      const staged = await stageBackup(asked, staging.path);
      await conclude(config, staged, keepSessions);
      if (staged.keyFrom === "backup")
        writeFileSync(keyPath(staging.path), `${Buffer.from(staged.masterKey).toString("base64")}\n`, {
          mode: 0o600,
        });
      if (staged.hasAdmin) writeMarker(staging.path);
      return { staged, aside: staging.commit() };
    } catch (error) {
      staging.discard();
      throw error instanceof Failure || error instanceof Refusal
        ? error
        : new Failure(`cannot restore ${file}`, error);
    }
  });
  const at = staged.manifest.createdAt.toISOString();
  if (keepSessions)
    process.stderr.write(
      `housekey: warning: whatever was ended after ${at} is open again: sessions, links and codes included\n`,
    );
  const lines = [
    `restored: ${inWords(staged)}`,
    aside === null ? [] : `what was there before is in ${aside}`,
    `what changed since is as it was then: accounts, passwords, passkeys, API keys, used backup codes`,
    keepSessions ? [] : "everybody has to sign in again; links, codes and invitations from before are void",
  ];
  print(
    json,
    { ...wire(file, staged), restored: true, sessions_kept: keepSessions, aside },
    lines.flat().join("\n"),
  );
}

/** Holds the folder while `work` runs; a folder that was made for it is gone again when it fails. */
async function withFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const made = !existsSync(folder);
  if (made) makeFolder(folder);
  actAsOwner(folder);
  const unlock = lockFolder(folder);
  try {
    finishRestore(folder);
    const done = await work();
    unlock();
    return done;
  } catch (error) {
    unlock();
    if (made) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Makes void what must be, and leaves the database as one file. */
async function conclude(config: Config, staged: Staged, keepSessions: boolean): Promise<void> {
  const store = openSqlite(staged.database);
  try {
    const core = await commandCore(config, store, staged.masterKey);
    await concludeRestore(core, { from: staged.manifest.createdAt, keepSessions });
  } finally {
    await store.close();
  }
  using db = new Database(staged.database, { create: false, readwrite: true });
  const [row] = db.query("PRAGMA wal_checkpoint(TRUNCATE)").values();
  if (row?.[0] !== 0) throw new Error("the database could not be written out");
  for (const end of ["-wal", "-shm"]) rmSync(staged.database + end, { force: true });
}

const inWords = ({ manifest, keyFrom }: Staged): string =>
  `the house of ${manifest.createdAt.toISOString()}, written by housekey ${manifest.version}, ` +
  `${accounts(manifest.counts)}, master key from the ${keyFrom}`;

const wire = (file: string, { manifest, keyFrom }: Staged) => ({
  file,
  version: manifest.version,
  schema: manifest.schema,
  created_at: manifest.createdAt.toISOString(),
  master_key: keyFrom,
  counts: manifest.counts,
});
