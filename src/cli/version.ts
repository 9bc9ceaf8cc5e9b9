import pkg from "../../package.json" with { type: "json" };
import type { Command } from "./command.ts";

export const version: Command = {
  name: "version",
  summary: "print the version",
  example: "housekey version --json",
  run: async ({ json }) => {
    const facts = { version: pkg.version, bun: Bun.version, platform: `${process.platform}-${process.arch}` };
    process.stdout.write(json ? `${JSON.stringify(facts)}\n` : `housekey ${pkg.version}\n`);
    return 0;
  },
};
