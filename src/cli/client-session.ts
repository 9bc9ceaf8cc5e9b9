/** Who one is at a house, and how one stops being that. */
import { ask, field, Refused, text } from "./client.ts";
import { forget, signedIn } from "./client-file.ts";
import type { ClientCommand, Flag } from "./command.ts";
import { print } from "./print.ts";

/** Which house, where somebody is signed in to several. */
export const serverFlag: Flag = {
  name: "server",
  value: "URL",
  summary: "the house that is meant; otherwise the one signed in to last",
};

export const whoami: ClientCommand = {
  client: true,
  name: "whoami",
  flags: [serverFlag],
  summary: "show who is signed in from here, and where",
  example: "housekey whoami --json",
  async run({ folder, flags, json }) {
    const house = signedIn(folder, flags.server);
    const who = await ask(house, "GET", "/auth/sessions/current");
    const { server } = house;
    const facts = { server, user: field(who, "user"), session: field(who, "session") };
    print(json, facts, `${text(who, "user", "username")} at ${server}`);
    return 0;
  },
};

export const logout: ClientCommand = {
  client: true,
  name: "logout",
  flags: [serverFlag],
  summary: "end the session at the house, and forget it here",
  example: "housekey logout",
  async run({ folder, flags, json }) {
    const house = signedIn(folder, flags.server);
    const { server } = house;
    try {
      await ask(house, "DELETE", "/auth/sessions/current");
    } catch (error) {
      // Somebody ended it before: that is what was wanted.
      if (!(error instanceof Refused) || error.status !== 401) throw error;
    }
    forget(folder, server);
    print(json, { server }, `Signed out of ${server}.`);
    return 0;
  },
};
