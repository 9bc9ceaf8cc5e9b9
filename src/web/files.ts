/** The pages and their assets. A start does without: they are loaded with the first request for one. */
import { embedPages } from "./embed.macro.ts" with { type: "macro" };
import type { PageFile } from "./embed.macro.ts";

const files: ReadonlyMap<string, PageFile> = new Map(embedPages().map((file) => [file.path, file]));

export interface Served {
  readonly type: string;
  readonly plain: Uint8Array;

  /** By the coding's name, in base64; best first. */
  readonly coded: PageFile["coded"];

  /** Weak: the same tag for the plain and the compressed bytes. */
  readonly etag: string;
}

const served = new Map<string, Served>();

/** What is served at a path; null when nothing is. */
export function fileAt(path: string): Served | null {
  const known = served.get(path);
  if (known) return known;
  const file = files.get(path);
  if (!file) return null;
  const plain = Bun.gunzipSync(Buffer.from(file.coded.gzip, "base64"));
  const { type, coded } = file;
  const made = { type, plain, coded, etag: `W/"${Bun.hash(plain).toString(36)}"` };
  served.set(path, made);
  return made;
}
