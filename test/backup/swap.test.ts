/** A house that takes another's place: cut off after any step, the next one to open the folder ends it. */
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { looseModes } from "../../src/host/modes.ts";
import { finishRestore, isRestoring, stage } from "../../src/host/swap.ts";
import { emptyFolder } from "../binary.ts";

const at = new Date("2026-01-31T12:00:00Z");
const parts = ["master.key", "bootstrapped", "housekey.db"];

function put(folder: string, names: readonly string[], content: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of names) writeFileSync(join(folder, name), content, { mode: 0o600 });
}

const read = (...path: string[]): string => readFileSync(join(...path), "utf8");

/** The old house with its log, and a first-run token. */
function oldHouse(folder: string): void {
  put(folder, [...parts, "housekey.db-wal", "housekey.db-shm", "bootstrap-token", "housekey.toml"], "old");
}

function expectNew(folder: string): void {
  expect(readdirSync(folder).sort()).toEqual([
    "before-restore-20260131T120000Z",
    "bootstrapped",
    "housekey.db",
    "housekey.toml",
    "master.key",
  ]);
  for (const name of parts) expect([name, read(folder, name)]).toEqual([name, "new"]);
  const aside = join(folder, "before-restore-20260131T120000Z");
  expect(readdirSync(aside).sort()).toEqual([...parts, "housekey.db-wal", "housekey.db-shm"].sort());
  for (const name of readdirSync(aside)) expect([name, read(aside, name)]).toEqual([name, "old"]);
}

test("every file is moved, the old ones together to one side", () => {
  using folder = emptyFolder();
  oldHouse(folder.path);
  const staging = stage(folder.path, at);
  put(staging.path, parts, "new");
  expect(staging.commit()).toBe(join(folder.path, "before-restore-20260131T120000Z"));
  expectNew(folder.path);
  expect(looseModes(folder.path)).toEqual([]);
});

test("cut off after any of its steps it is ended later, once and again", () => {
  const old = [...parts.slice(0, 2), "housekey.db-wal", "housekey.db-shm", "housekey.db"];
  // What `finish` does, a step at a time: aside with the old ones of a part, then the new one in its place.
  const steps = ["master.key", "bootstrapped"].flatMap((name) => [`aside ${name}`, `place ${name}`]);
  steps.push(...old.slice(2).map((name) => `aside ${name}`), "place housekey.db");
  for (let done = 0; done <= steps.length; done++) {
    using folder = emptyFolder();
    oldHouse(folder.path);
    const staged = join(folder.path, "restoring-20260131T120000Z");
    const aside = join(folder.path, "before-restore-20260131T120000Z");
    put(staged, parts, "new");
    for (const step of steps.slice(0, done)) {
      const [verb, name = ""] = step.split(" ");
      mkdirSync(aside, { recursive: true });
      if (verb === "aside") renameSync(join(folder.path, name), join(aside, name));
      else renameSync(join(staged, name), join(folder.path, name));
    }
    expect(isRestoring(folder.path)).toBe(true);
    for (const _ of [1, 2]) finishRestore(folder.path);
    expect(isRestoring(folder.path)).toBe(false);
    expectNew(folder.path);
  }
});

test("cut off before it was decided, it never was, and what it left is removed", () => {
  using folder = emptyFolder();
  oldHouse(folder.path);
  const staging = stage(folder.path, at);
  put(staging.path, parts, "new");
  put(folder.path, ["snapshot-1.db", "housekey.db.before-0004_device.part-1"], "left");
  put(folder.path, ["housekey.db.before-0004_device", "snapshots"], "kept");
  finishRestore(folder.path);
  expect(existsSync(staging.path)).toBe(false);
  for (const name of parts) expect(read(folder.path, name)).toBe("old");
  expect(
    readdirSync(folder.path)
      .filter((name) => /snapshot|before/.test(name))
      .sort(),
  ).toEqual(["housekey.db.before-0004_device", "snapshots"]);
});

test("what an earlier restore put aside stays, also when two come within a second", () => {
  using folder = emptyFolder();
  const asides = ["first", "second"].map((content) => {
    const staging = stage(folder.path, at);
    put(staging.path, parts, content);
    return staging.commit();
  });
  const third = stage(folder.path, at);
  put(third.path, parts, "third");
  const aside = third.commit();
  expect(asides[0]).toBeNull();
  expect(read(asides[1] ?? "", "housekey.db")).toBe("first");
  expect(read(aside ?? "", "housekey.db")).toBe("second");
  expect(read(folder.path, "housekey.db")).toBe("third");
});
