/** What can become of a file that nobody is writing. */
import {
  closeSync,
  cpSync,
  fstatSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { bootstrap, emptyFolder, startHouse } from "../binary.ts";

export interface Damage {
  readonly name: string;

  /** `path`: the database of a stopped house. */
  apply(path: string): void | Promise<void>;
}

const page = 4096;

function edit(path: string, work: (file: number, size: number) => void): void {
  const file = openSync(path, "r+");
  try {
    work(file, fstatSync(file).size);
  } finally {
    closeSync(file);
  }
}

const noise = (size: number): Uint8Array => crypto.getRandomValues(new Uint8Array(size));
const below = (end: number): number => Math.floor(Math.random() * end);

/** Each of these makes it no database, or not this house's. */
export const plain: readonly Damage[] = [
  {
    name: "zeroed header",
    apply: (path) => edit(path, (file) => void writeSync(file, new Uint8Array(100), 0, 100, 0)),
  },
  {
    name: "cut in half",
    apply: (path) => edit(path, (_, size) => truncateSync(path, Math.floor(size / page / 2) * page)),
  },
  {
    name: "cut inside a page",
    apply: (path) => edit(path, (_, size) => truncateSync(path, size - page * 3 - 1000)),
  },
  {
    name: "garbage first page",
    apply: (path) => overwrite(path, 0),
  },
  { name: "empty", apply: (path) => truncateSync(path, 0) },
  { name: "missing", apply: (path) => rmSync(path) },
  { name: "another house's", apply: (path) => put(path) },
];

/** Makes garbage of a page; the first is 0. */
export const overwrite = (path: string, nth: number): void =>
  edit(path, (file) => void writeSync(file, noise(page), 0, page, nth * page));

/** Any page but the first, which is found at once. */
export const garbagePage: Damage = {
  name: "garbage page",
  apply: (path) => overwrite(path, 1 + below(statSync(path).size / page - 1)),
};

export const flippedByte: Damage = {
  name: "one flipped byte",
  apply: (path) =>
    edit(path, (file, size) => {
      const at = below(size);
      const byte = new Uint8Array(1);
      readSync(file, byte, 0, 1, at);
      writeSync(
        file,
        byte.map((value) => value ^ 0xff),
        0,
        1,
        at,
      );
    }),
};

async function put(path: string): Promise<void> {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  await bootstrap(house);
  await house.stop();
  cpSync(join(house.data, "housekey.db"), path);
}
