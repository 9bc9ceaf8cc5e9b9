/** Looks a backup over, down to the last row, in a place where it harms nobody. */
import { Database } from "bun:sqlite";
import { closeSync, createReadStream, existsSync, openSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { BadArchive } from "../archive/bad.ts";
import type { Manifest } from "../archive/manifest.ts";
import { unpack } from "../archive/unpack.ts";
import type { Config } from "../config.ts";
import { writeAll } from "../host/disk.ts";
import { Failure } from "../host/failure.ts";
import { isMarked, keyPath, masterKey } from "../host/folder.ts";
import { isKeyOf } from "../identity/house.ts";
import { makeKeyring } from "../identity/keyring.ts";
import { isSound } from "../identity/verify.ts";
import { migrate, migrations } from "../store/migrate.ts";
import { describe } from "../store/snapshot.ts";
import { verifyDatabase } from "../store/verify.ts";
import { inBytes } from "./print.ts";

export interface Asked {
  readonly config: Config;

  /** As it was named, for the words. */
  readonly file: string;

  /** The file, open. */
  readonly descriptor: number;

  readonly passphrase: () => Promise<string>;

  /** Takes a house also when `verify` finds something wrong with what is in it. */
  readonly force: boolean;
}

export interface Staged {
  readonly manifest: Manifest;

  /** The database, of this version's schema. */
  readonly database: string;

  readonly masterKey: Uint8Array;

  /** Where that key is from. */
  readonly keyFrom: "backup" | "folder" | "settings";

  readonly hasAdmin: boolean;
}

/** Unpacks the backup into the folder `path` and judges it as what will be in the data folder. Throws `Failure`. */
export async function stageBackup(asked: Asked, path: string): Promise<Staged> {
  const { file, config } = asked;
  const database = join(path, "housekey.db");
  const target = openSync(database, "wx", 0o600);
  try {
    const source = createReadStream(file, { fd: asked.descriptor, autoClose: false, highWaterMark: 262_144 });
    const { manifest, masterKey: packed } = await unpack(source, {
      passphrase: asked.passphrase,
      expect: (manifest) => refuseUnfit(manifest, path),
      write: (piece) => writeAll(target, piece),
    });
    closeSync(target);
    const keyCheck = judgeDatabase(database, manifest);
    const key = keyFor(config, keyCheck, packed);
    const hasAdmin = judgeHouse(database, { keyCheck, key: key.masterKey, force: asked.force });
    if (!hasAdmin && isMarked(config.data))
      throw new BadArchive(`is of a house without an admin, and the one in ${config.data} has had one`);
    return { manifest, database, ...key, hasAdmin };
  } catch (error) {
    if (error instanceof BadArchive) throw new Failure(`${file} ${error.message}`);
    throw error instanceof Failure ? error : new Failure(`cannot restore ${file}`, error);
  }
}

function refuseUnfit({ schema, version, database }: Manifest, path: string): void {
  if (!migrations.some(({ name }) => name === schema) && schema > (migrations.at(-1)?.name ?? ""))
    throw new BadArchive(`was written by a newer housekey (${version}, ${schema}); use that version`);
  const { bavail, bsize } = statfsSync(path);
  const room = bavail * bsize;
  if (database.bytes > room)
    throw new BadArchive(
      `needs ${inBytes(database.bytes)}, and there are ${inBytes(room)} where it would go`,
    );
}

/** Answers what the database has of its master key. */
function judgeDatabase(path: string, manifest: Manifest): string | null {
  let found: ReturnType<typeof describe>;
  try {
    using db = new Database(path, { create: false, readwrite: true, strict: true });
    db.run("PRAGMA trusted_schema = OFF");
    found = describe(db);
  } catch (error) {
    throw new BadArchive(`holds no house that can be read: ${reasonOf(error)}`);
  }
  const counted = (counts: Manifest["counts"]) => JSON.stringify(Object.entries(counts).sort());
  if (found.schema !== manifest.schema || counted(found.counts) !== counted(manifest.counts))
    throw new BadArchive("is damaged: its database is not what its manifest says");
  try {
    migrate(path, migrations, { keepCopy: false });
  } catch (error) {
    throw new BadArchive(`cannot be brought to this version: ${reasonOf(error)}`);
  }
  return found.keyCheck;
}

/** The key that the database was made with: the one in the settings, in the backup, or in the folder. */
function keyFor(
  { data, values }: Config,
  keyCheck: string | null,
  packed: Uint8Array | null,
): Pick<Staged, "masterKey" | "keyFrom"> {
  const fits = (key: Uint8Array) => keyCheck === null || isKeyOf(makeKeyring(key), keyCheck);
  if (values.master_key) {
    if (fits(values.master_key)) return { masterKey: values.master_key, keyFrom: "settings" };
    throw new BadArchive("was made with another master key than HOUSEKEY_MASTER_KEY");
  }
  const own = existsSync(keyPath(data)) ? masterKey(data, undefined) : null;
  if (own && fits(own)) return { masterKey: own, keyFrom: "folder" };
  if (own && isMarked(data))
    throw new BadArchive(
      `is of another house than the one in ${data}: their master keys differ; name another folder with --data`,
    );
  if (!packed)
    throw new BadArchive(
      `holds no master key, and ${own ? "the one" : "there is none"} in ${data}${own ? " is another" : ""}; ` +
        "put the master.key of its house there, or set HOUSEKEY_MASTER_KEY to it",
    );
  if (!fits(packed)) throw new BadArchive("is damaged: its master key is not the one of its database");
  return { masterKey: packed, keyFrom: "backup" };
}

/** Answers whether the house has an admin. */
function judgeHouse(
  path: string,
  { keyCheck, key, force }: { keyCheck: string | null; key: Uint8Array; force: boolean },
): boolean {
  const keys = makeKeyring(key);
  const isOwnKey = keyCheck === null ? null : (check: string) => isKeyOf(keys, check);
  const findings = verifyDatabase(path, { isOwnKey });
  const [worst] = findings.filter(({ problems }) => problems.length > 0);
  if (!isSound(findings) && worst && !force)
    throw new BadArchive(
      `holds a house that is not sound (${worst.check}: ${worst.problems[0]}); --force takes it as it is`,
    );
  using db = new Database(path, { create: false, readwrite: true });
  return db.query("SELECT 1 FROM users WHERE role = 'admin'").get() !== null;
}

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
