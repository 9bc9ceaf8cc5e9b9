/** The first file of a backup: what it is a backup of, so that it can be judged before anything is done with it. */
import { BadArchive, foreign } from "./bad.ts";

export interface Manifest {
  /** Of the housekey that wrote it. */
  readonly version: string;

  /** The last migration of the database. */
  readonly schema: string;

  /** Names the house without telling anything of it; null when it was never served. */
  readonly house: string | null;

  readonly createdAt: Date;

  /** Whether the master key is in it: only ever when the archive is encrypted. */
  readonly masterKey: boolean;

  readonly database: { readonly bytes: number; readonly sha256: string };

  /** How many rows each table has. */
  readonly counts: Readonly<Record<string, number>>;
}

/** How the files of a backup are put together. Another number: an older housekey cannot read it. */
const format = 1;

export const manifestName = "manifest.json";
export const keyName = "master.key";
export const databaseName = "housekey.db";

export const longestManifest = 65_536;

export function writeManifest({ createdAt, masterKey, ...facts }: Manifest): string {
  const { version, schema, house, database, counts } = facts;
  const wire = {
    format,
    version,
    schema,
    house,
    created_at: createdAt.toISOString(),
    master_key: masterKey,
    database,
    counts,
  };
  return `${JSON.stringify(wire, null, 2)}\n`;
}

/** Throws `BadArchive`. */
export function readManifest(text: string): Manifest {
  const wire = parsed(text);
  if (wire.format !== format)
    throw typeof wire.format === "number" && wire.format > format
      ? new BadArchive(`was written by a newer housekey (${plain(wire.version)}); use that version`)
      : foreign("its manifest is of no known format");
  const database = record(wire.database);
  const { version, schema, house = null } = wire;
  const createdAt = new Date(String(wire.created_at));
  const counts = Object.entries(record(wire.counts));
  if (
    typeof version !== "string" ||
    typeof schema !== "string" ||
    !(house === null || typeof house === "string") ||
    Number.isNaN(createdAt.getTime()) ||
    typeof wire.master_key !== "boolean" ||
    typeof database.bytes !== "number" ||
    !Number.isSafeInteger(database.bytes) ||
    typeof database.sha256 !== "string" ||
    counts.some(([, count]) => !Number.isSafeInteger(count))
  )
    throw foreign("its manifest says less than it must");
  return {
    version: plain(version),
    schema: plain(schema),
    house,
    createdAt,
    masterKey: wire.master_key,
    database: { bytes: database.bytes, sha256: database.sha256 },
    counts: Object.fromEntries(counts) as Record<string, number>,
  };
}

function parsed(text: string): Record<string, unknown> {
  try {
    return record(JSON.parse(text));
  } catch {
    throw foreign("its manifest does not parse");
  }
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? { ...value } : {};

/** A stranger may have written anything there, and it ends up on a terminal. */
const plain = (value: unknown): string =>
  typeof value === "string" && /^[\w.+-]{1,80}$/.test(value) ? value : "unknown";
