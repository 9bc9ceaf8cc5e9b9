import { Failure } from "../host/failure.ts";
import { host } from "../identity/actor.ts";
import { createRecovery } from "../identity/recovery.ts";
import { findAccount } from "./account.ts";
import type { Command } from "./command.ts";
import { withHouse } from "./open.ts";
import { print } from "./print.ts";

/** Whoever has a shell on the host may let anybody in: it is their house. */
export const recover: Command = {
  name: "recover",
  words: ["USER"],
  summary: "print a link that lets the owner of an account back in, once, within an hour",
  example: "housekey recover ada@example.org",
  run: ({ config, words: [typed = ""], json }) =>
    withHouse(config, async (core) => {
      const user = await findAccount(core, typed);
      if (user.disabledAt)
        throw new Failure(
          `${user.username} is disabled; "housekey user enable ${user.username}" comes first`,
        );
      const { url, expiresAt } = await createRecovery(core, host, user.id);
      print(json, { url, expires_at: expiresAt.toISOString(), username: user.username }, url);
      return 0;
    }),
};
