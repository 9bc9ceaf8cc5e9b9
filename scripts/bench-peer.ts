/** Installs the peer from npm, fills it as the house is filled, and starts it. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argon2id, password } from "./bench-password.ts";
import { run, type Server, start } from "./bench-process.ts";

export const peerVersion = "1.7.25";
const program = "bench-better-auth.js";

export type PeerHash = "scrypt" | "argon2id";

export interface Peer {
  readonly lines: { readonly cookies: string; readonly emails: string };
  start(hash: PeerHash): Promise<Server>;
}

interface Plan {
  readonly accounts: number;
  readonly draw: number;

  /** How long the registry may take. */
  readonly seconds: number;
}

/** Throws when the registry does not answer, or not in time. */
export async function makePeer(folder: string, { accounts, draw, seconds }: Plan): Promise<Peer> {
  mkdirSync(folder);
  const dependencies = { "better-auth": peerVersion };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  await run([process.execPath, "install", "--ignore-scripts", "--silent"], { cwd: folder, seconds });
  copyFileSync(join(import.meta.dir, program), join(folder, program));
  const env = {
    NODE_ENV: "production",
    BENCH_PASSWORD: password,
    BENCH_ARGON2ID: JSON.stringify(argon2id),
  };
  await run([process.execPath, program, "fill", String(accounts), String(draw)], {
    cwd: folder,
    seconds: 120,
    env,
  });
  return {
    lines: { cookies: join(folder, "cookies"), emails: join(folder, "emails") },
    start: (hash) =>
      start({
        command: (port) => [process.execPath, program, "serve", hash, String(port)],
        cwd: folder,
        health: "/healthz",
        env,
      }),
  };
}
