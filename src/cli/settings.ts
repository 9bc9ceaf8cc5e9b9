import { host } from "../identity/actor.ts";
import type { Core } from "../identity/core.ts";
import { type Policy, policy } from "../identity/policy.ts";
import { fixedNames, patchSettings } from "../identity/settings.ts";
import { type Command, UsageError } from "./command.ts";
import { withHouse } from "./open.ts";
import { print, table } from "./print.ts";
import { type Setting, settingList } from "./setting.ts";

export const settings: Command = {
  name: "settings",
  words: ["[NAME]", "[VALUE]"],
  summary: "show what is set and where it comes from, or set it in the running house",
  example: "housekey settings registration invite",
  async run({ config, words: [name, value], json }) {
    const setting = name === undefined ? null : named(name);
    const patch = setting && value !== undefined ? patchOf(setting, value) : null;
    return withHouse(config, async (core) => {
      const rules = patch ? await patchSettings(core, patch, host) : await policy(core);
      const from = await sources(core);
      const wire = (one: Setting) => ({ name: one.name, value: one.value(rules), from: from(one) });
      if (setting) print(json, wire(setting), setting.show(rules));
      else print(json, settingList.map(wire), overview(rules, from));
      return 0;
    });
  },
};

function named(name: string): Setting {
  const setting = settingList.find((one) => one.name === name);
  if (setting) return setting;
  const all = settingList.map((one) => one.name).join(", ");
  throw new UsageError(`there is no setting ${JSON.stringify(name)}; expected one of ${all}`);
}

function patchOf({ name, patch, expected }: Setting, value: string) {
  const asked = patch(value);
  if (asked) return asked;
  throw new UsageError(`${name}: ${JSON.stringify(value.slice(0, 80))} is not ${expected}`);
}

type From = "default" | "setting" | "environment";

/** Where each value in force comes from: what the environment fixed, what an admin set, or neither. */
async function sources(core: Core): Promise<(setting: Setting) => From> {
  const fixed = fixedNames(core);
  const { lifetimes = {}, ...plain } = await core.store.read.settings.current();
  const set = [...Object.keys(plain), ...Object.keys(lifetimes).map((name) => `lifetimes.${name}`)];
  return ({ key }) => (fixed.includes(key) ? "environment" : set.includes(key) ? "setting" : "default");
}

const overview = (rules: Policy, from: (setting: Setting) => From): string =>
  table(
    ["NAME", "VALUE", "FROM"],
    settingList.map((one) => [one.name, one.show(rules), from(one)]),
  );
