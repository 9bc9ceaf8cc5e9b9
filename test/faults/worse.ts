/** The product made worse on purpose, for controls: the same sources but for one place, built the same way. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");

export interface Edit {
  /** `src/store/connection.ts` */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export interface Worse {
  readonly executable: string;
  [Symbol.dispose](): void;
}

/** Builds it in a folder of its own. Throws when a place to edit is not there exactly once, or nothing comes of it. */
export function worse(edits: readonly Edit[]): Worse {
  const folder = mkdtempSync(join(tmpdir(), "housekey-worse-"));
  const gone = () => rmSync(folder, { recursive: true, force: true });
  try {
    for (const name of ["src", "migrations", "scripts", "package.json", "tsconfig.json", "bunfig.toml"])
      cpSync(join(root, name), join(folder, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    for (const { file, from, to } of edits) {
      const path = join(folder, file);
      const parts = readFileSync(path, "utf8").split(from);
      if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${from}`);
      writeFileSync(path, parts.join(to));
    }
    const built = Bun.spawnSync([process.execPath, "scripts/build.ts"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    if (built.exitCode !== 0) throw new Error(`the worse house does not build: ${built.stderr}`);
  } catch (error) {
    gone();
    throw error;
  }
  return { executable: join(folder, "dist/housekey"), [Symbol.dispose]: gone };
}

/** What `synchronous=NORMAL` is: the log is flushed at checkpoints only. */
export const normal: Edit = {
  file: "src/store/connection.ts",
  from: 'pragma("synchronous", "FULL", 2)',
  to: 'pragma("synchronous", "NORMAL", 1)',
};

/** Answers first and commits a moment later. */
export const early: Edit = {
  file: "src/store/sqlite.ts",
  from: '      writer.run("COMMIT");\n',
  to: `      for (const answer of answers) answer();
      await Bun.sleep(100);
      writer.run("COMMIT");
`,
};

/** Takes writes again after a flush has failed. */
export const retrying: Edit = {
  file: "src/store/sqlite.ts",
  from: "if (!unflushed && isUnflushed(error))",
  to: "if (error === undefined && isUnflushed(error))",
};

/** Migrates statement by statement, with no transaction around them. */
export const piecemeal: readonly Edit[] = [
  { file: "src/store/migrate.ts", from: "  db.transaction(() => {\n", to: "  (() => {\n" },
  { file: "src/store/migrate.ts", from: "  }).immediate();\n", to: "  })();\n" },
];
