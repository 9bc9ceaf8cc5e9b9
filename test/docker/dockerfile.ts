/** What the Dockerfile says about the image that is shipped: its last stage. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const folder = join(import.meta.dir, "../../scripts/docker");
export const dockerfile = readFileSync(join(folder, "Dockerfile"), "utf8");

const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));

/** What stands behind an instruction, and must be there once. */
export function said(instruction: string): string {
  const lines = [...last.matchAll(new RegExp(`^${instruction} (.+)$`, "gm"))];
  if (lines.length !== 1) throw new Error(`the image has ${lines.length} lines ${instruction}`);
  return lines[0]?.[1] ?? "";
}

/** A command in the form that needs no shell. */
export const command = (text: string): string[] => JSON.parse(text.slice(text.indexOf("[")));
