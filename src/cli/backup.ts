import { createHash } from "node:crypto";
import { createReadStream, existsSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import pkg from "../../package.json" with { type: "json" };
import type { Manifest } from "../archive/manifest.ts";
import { pack } from "../archive/pack.ts";
import type { Config } from "../config.ts";
import { Failure } from "../host/failure.ts";
import { asOwner, databasePath, masterKey, settleHouse } from "../host/folder.ts";
import { openTarget } from "../host/target.ts";
import { houseName, isKeyOf } from "../identity/house.ts";
import { makeKeyring } from "../identity/keyring.ts";
import { type Snapshot, takeSnapshot } from "../store/snapshot.ts";
import { type Command, type Invocation, UsageError } from "./command.ts";
import { askPassphrase, givenPassphrase, passphraseFile } from "./passphrase.ts";
import { accounts, inBytes } from "./print.ts";

export const backup: Command = {
  name: "backup",
  words: ["FILE"],
  flags: [
    passphraseFile,
    { name: "passphrase", summary: "ask for a passphrase; only an encrypted backup holds the master key" },
    { name: "force", summary: "replace FILE if there is one" },
  ],
  summary: "write the house to one file, also while it is served; with a passphrase, encrypted",
  example: "housekey backup /mnt/usb/house.tar.gz.age --passphrase",
  async run({ config, words: [file = ""], flags, json }) {
    const passphrase = await passphraseFor({ config, flags });
    const { manifest, bytes } = await backUp({ config, file, passphrase, force: flags.force !== undefined });
    const facts = {
      file: file === "-" ? null : resolve(file),
      bytes,
      encrypted: passphrase !== null,
      master_key: manifest.masterKey,
      version: manifest.version,
      schema: manifest.schema,
      created_at: manifest.createdAt.toISOString(),
      sha256: manifest.database.sha256,
      counts: manifest.counts,
    };
    const key = passphrase === null ? keyApart(config) : "encrypted, with the master key in it";
    const text = `${file}: ${accounts(manifest.counts)}, ${inBytes(bytes)}, ${key}`;
    const said = `${json ? JSON.stringify(facts) : text}\n`;
    if (file === "-") process.stderr.write(said);
    else process.stdout.write(said);
    return 0;
  },
};

const keyApart = ({ data, values }: Config): string =>
  `not encrypted, so without the master key; keep ${values.master_key ? "HOUSEKEY_MASTER_KEY" : join(data, "master.key")} somewhere else`;

async function passphraseFor({
  config,
  flags,
}: Pick<Invocation, "config" | "flags">): Promise<string | null> {
  if (flags.passphrase === undefined) return givenPassphrase({ config, flags });
  if (flags[passphraseFile.name] !== undefined)
    throw new UsageError("--passphrase and --passphrase-file do not go together");
  const passphrase = await askPassphrase("passphrase");
  if (passphrase.length < 8) throw new Failure("the passphrase is too short; expected at least 8 characters");
  if ((await askPassphrase("again")) !== passphrase) throw new Failure("the two are not the same");
  return passphrase;
}

interface Asked {
  readonly config: Config;

  /** `-` is standard output. */
  readonly file: string;

  readonly passphrase: string | null;
  readonly force: boolean;
}

/** Throws `Failure`; there is a whole file by that name afterwards, or what there was before. */
async function backUp({
  config,
  file,
  passphrase,
  force,
}: Asked): Promise<{ manifest: Manifest; bytes: number }> {
  const { data } = config;
  if (!existsSync(data)) settleHouse(data);
  const target = openTarget(file, { force });
  const snapshot = join(data, `snapshot-${Bun.randomUUIDv7()}.db`);
  try {
    const createdAt = new Date();
    const { facts, key } = asOwner(data, () => {
      settleHouse(data);
      const facts = snapshotOf(data, snapshot);
      return { facts, key: passphrase === null ? null : keyOf(config, facts) };
    });
    const manifest: Manifest = {
      version: pkg.version,
      schema: facts.schema,
      house: facts.keyCheck === null ? null : houseName(facts.keyCheck),
      createdAt,
      masterKey: key !== null,
      database: { bytes: statSync(snapshot).size, sha256: await sha256(snapshot) },
      counts: facts.counts,
    };
    const archive = await pack({ manifest, database: snapshot, masterKey: key }, passphrase);
    let bytes = 0;
    for await (const piece of archive) {
      await target.write(piece);
      bytes += piece.length;
    }
    target.publish();
    return { manifest, bytes };
  } catch (error) {
    target.discard();
    throw error instanceof Failure ? error : new Failure(`cannot write ${file}`, error);
  } finally {
    asOwner(data, () => rmSync(snapshot, { force: true }));
  }
}

function snapshotOf(data: string, to: string): Snapshot {
  try {
    return takeSnapshot(databasePath(data), to);
  } catch (error) {
    throw new Failure(`cannot back up ${databasePath(data)}`, error);
  }
}

function keyOf({ data, values }: Config, { keyCheck }: Snapshot): string {
  const key = masterKey(data, values.master_key);
  if (keyCheck !== null && !isKeyOf(makeKeyring(key), keyCheck))
    throw new Failure(
      "the master key is not the one this database was made with; restore the right one first",
    );
  return `${Buffer.from(key).toString("base64")}\n`;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 262_144 })) hash.update(piece);
  return hash.digest("hex");
}
