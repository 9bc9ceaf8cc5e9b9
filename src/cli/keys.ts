import { rotateSigningKey } from "../identity/signing-key.ts";
import type { Command } from "./command.ts";
import { withHouse } from "./open.ts";
import { print } from "./print.ts";

export const keysRotate: Command = {
  name: "keys rotate",
  summary: "sign access tokens with a new key; the old one verifies until its last token has expired",
  example: "housekey keys rotate --data /var/lib/housekey",
  run: ({ config, json }) =>
    withHouse(config, async (core) => {
      const kid = await rotateSigningKey(core);
      print(json, { kid }, kid);
      return 0;
    }),
};
