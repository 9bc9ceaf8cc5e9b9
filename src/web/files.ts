/** The pages and their assets. A start does without: they are loaded with the first request for one. */
import { embedPages } from "./embed.macro.ts" with { type: "macro" };
import type { PageFile } from "./embed.macro.ts";

const files: ReadonlyMap<string, PageFile> = new Map(embedPages().map((file) => [file.path, file]));

export type Coding = keyof PageFile["coded"];

export interface Served {
  readonly type: string;

  /** By the coding's name, in base64; best first. */
  readonly coded: PageFile["coded"];

  /** Null: the plain bytes. As a blob, because clients that read slowly share one, and have a copy each of anything else. */
  bodyIn(coding: Coding | null): Blob;

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
  const whole = new Blob([plain]);
  const bodies = new Map<Coding, Blob>();
  function bodyIn(coding: Coding | null): Blob {
    if (coding === null) return whole;
    const body = bodies.get(coding) ?? new Blob([Buffer.from(coded[coding], "base64")]);
    bodies.set(coding, body);
    return body;
  }
  const made = { type, coded, bodyIn, etag: `W/"${Bun.hash(plain).toString(36)}"` };
  served.set(path, made);
  return made;
}
