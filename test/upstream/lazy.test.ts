import { expect, test } from "bun:test";
import { join, relative } from "node:path";

test("a house that asks no other provider loads nothing of what it takes to ask one", async () => {
  const src = join(import.meta.dir, "../../src");
  const transpiler = new Bun.Transpiler({ loader: "ts" });
  const seen = new Set<string>();
  async function walk(file: string): Promise<void> {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { kind, path } of transpiler.scanImports(await Bun.file(file).text())) {
      if (kind !== "import-statement") continue;
      if (path.endsWith(".ts") && path.startsWith(".")) await walk(join(file, "..", path));
      else seen.add(path);
    }
  }
  await walk(join(src, "serve.ts"));
  const loaded = [...seen].map((file) => (file.startsWith(src) ? relative(src, file) : file));
  expect(loaded.filter((file) => file.startsWith("upstream/"))).toEqual(["upstream/lazy.ts"]);
  expect(loaded).not.toContain("openid-client");
});
