/** What the README shows of proxies is what the tests here run. */
import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { example } from "./front.ts";

const root = join(import.meta.dir, "../..");

test("every block of the README about proxies is an example to the letter, and HAProxy's alone are only named", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [section = ""] = /^## Behind a proxy$[\s\S]*?(?=^## )/m.exec(readme) ?? [];
  const blocks = [...section.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);
  const named = [...section.matchAll(/`(scripts\/proxy\/[\w.]+)`/g)].map(([, path = ""]) => path);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  const shown = readdirSync(join(root, "scripts/proxy")).filter(
    (name) => !named.includes(`scripts/proxy/${name}`),
  );
  expect(blocks.toSorted()).toEqual(shown.map(example).toSorted());
});
