import { readToken } from "../host/folder.ts";
import { host } from "../identity/actor.ts";
import { bootstrapSeconds, judgeBootstrapToken, mintBootstrapToken } from "../identity/bootstrap.ts";
import type { Core } from "../identity/core.ts";
import { policy } from "../identity/policy.ts";
import { Refusal } from "../identity/refusal.ts";
import type { Command } from "./command.ts";
import { withHouse } from "./open.ts";

/** Whoever has a shell on the host may make an admin: it is their house. */
export const bootstrapToken: Command = {
  name: "bootstrap-token",
  summary: "print a link that makes an admin, once",
  example: "housekey bootstrap-token --data /var/lib/housekey",
  run: ({ config, json }) =>
    withHouse(config, async (core) => {
      const token = (await firstRunToken(core, config.data)) ?? (await minted(core));
      const { url } = await policy(core);
      const link = `${url}/setup#token=${encodeURIComponent(token)}`;
      process.stdout.write(json ? `${JSON.stringify({ token, url: link })}\n` : `${link}\n`);
      return 0;
    }),
};

/** The token of a first run that is still open. */
async function firstRunToken(core: Core, folder: string): Promise<string | null> {
  const token = readToken(folder);
  if (token === null) return null;
  try {
    await judgeBootstrapToken(core, token);
    return token;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

async function minted(core: Core): Promise<string> {
  const { token } = await mintBootstrapToken(core, host, { seconds: bootstrapSeconds, note: null });
  return token;
}
