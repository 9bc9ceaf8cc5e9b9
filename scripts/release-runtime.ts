/** A Bun for another system: this one if it is the same, the one in the cache, or the one that npm has. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { bunVersion, type Target } from "./release-targets.ts";

/** Answers its path. Throws when what is found is not what the checksum says. */
export async function runtimeFor(target: Target): Promise<string> {
  if (sum(process.execPath) === target.sha256) return process.execPath;
  const cache = join(
    process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
    "housekey",
    `bun-${bunVersion}`,
  );
  const path = join(cache, `for-${target.runtime}`);
  if (existsSync(path) && sum(path) === target.sha256) return path;
  mkdirSync(cache, { recursive: true });
  const part = mkdtempSync(join(cache, "getting-"));
  try {
    await order(["npm", "pack", "--silent", `@oven/bun-${target.runtime}@${bunVersion}`], part);
    const [archive] = readdirSync(part);
    if (archive === undefined) throw new Error(`npm has no Bun for ${target.name}`);
    await order(["tar", "xzf", archive], part);
    const bin = join(part, "package/bin");
    const [name = ""] = readdirSync(bin);
    const found = sum(join(bin, name));
    if (found !== target.sha256)
      throw new Error(`the Bun for ${target.name} is not the one that is expected: its SHA-256 is ${found}`);
    renameSync(join(bin, name), path);
    return path;
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

async function order(words: string[], cwd: string): Promise<void> {
  const child = Bun.spawn(words, { cwd, stdio: ["ignore", "ignore", "inherit"] });
  if ((await child.exited) !== 0) throw new Error(`"${words.join(" ")}" failed`);
}

const sum = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");
