/** Whatever help names: its example works as it is written, and the same is refused when it is written wrong. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  admin,
  binary,
  bootstrap,
  cleanEnv,
  emptyFolder,
  type House,
  type Ran,
  requireBinary,
  run,
  speak,
  startHouse,
} from "../binary.ts";
import { contents, copyOf, done, onTerminal } from "./backups.ts";
import { type Client, decide, newClient } from "./client.ts";
import { told } from "./operator.ts";
import { type Row, rows } from "./rows.ts";

interface Told {
  readonly name: string;
  readonly words: readonly string[];
  readonly flags: readonly { name: string; value?: string; summary: string }[];
  readonly summary: string;
  readonly example: string;
  readonly takes_settings: boolean;
}

requireBinary();
const { commands }: { commands: readonly Told[] } = JSON.parse(
  Bun.spawnSync([binary, "help", "--json"], { env: cleanEnv() }).stdout.toString(),
);
const rowOf = (name: string): Row => {
  const row = rows[name];
  if (!row) throw new Error(`${name} has no row in rows.ts`);
  return row;
};

/** A house with an admin, that nobody serves, to be copied; its admin's session. */
let template: { readonly data: string; readonly token: string; [Symbol.dispose](): void };

beforeAll(async () => {
  const folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  const { body } = await bootstrap(house);
  await house.stop();
  template = Object.assign(folder, { data: house.data, token: body.token });
});
afterAll(() => template[Symbol.dispose]());

interface Stage {
  readonly cwd: string;
  readonly data: string;
  readonly house: House | null;
  readonly client: Client | null;

  /** The example's own words, without `housekey`. */
  readonly args: readonly string[];

  [Symbol.asyncDispose](): Promise<void>;
}

/** Everything that the example of a command needs. */
async function stageFor(
  { name, example }: Told,
  { before = [], stands = {}, needs, addressed }: Row,
  { served }: { served: boolean },
): Promise<Stage> {
  const folder = copyOf(template.data);
  const cwd = folder.path;
  writeFileSync(join(cwd, "secret"), "correct horse battery staple\n");
  const place = (text: string) =>
    text
      .replace("/var/lib/housekey", folder.data)
      .replace("/mnt/usb", cwd)
      .replace(/^FOLDER/, cwd);
  for (const args of before) await done(cwd, ...args.map(place));
  const house = served ? await startHouse({ cwd }) : null;
  if (house && addressed) await done(cwd, "settings", "url", house.url.replace("127.0.0.1", "localhost"));
  const client = needs === "client" ? newClient() : null;
  const made: Record<string, string> = { URL: house?.url ?? "http://127.0.0.1:9" };
  if (client && house) {
    // As `login` keeps it, which waits for five seconds.
    const token = (await speak(house, "POST", "/auth/local/login", { body: admin })).body.token;
    mkdirSync(dirname(client.file), { recursive: true, mode: 0o700 });
    writeFileSync(client.file, JSON.stringify({ current: house.url, tokens: { [house.url]: token } }));
    const key = await speak(house, "POST", "/v1/auth/api-keys", { token, body: { name: "a script" } });
    made.KEY = key.body.data.id;
  }
  const [housekey, ...words] = wordsOf(example);
  expect([housekey, words.join(" ").startsWith(name)]).toEqual(["housekey", true]);
  const args = words.map((word) => made[stands[word] ?? ""] ?? place(word));
  return {
    cwd,
    data: folder.data,
    house,
    client,
    args,
    async [Symbol.asyncDispose]() {
      await house?.stop();
      client?.[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** A line as a shell takes it apart. */
const wordsOf = (line: string): string[] =>
  Bun.spawnSync(["sh", "-c", `printf '%s\\n' ${line}`])
    .stdout.toString()
    .trimEnd()
    .split("\n");

async function perform({ cwd, client }: Stage, { answers }: Row, args: readonly string[]): Promise<Ran> {
  if (client) return client.run([...args]);
  if (answers === undefined) return run([...args], { cwd });
  const { exitCode, shown } = await onTerminal([binary, ...args], { cwd, answers: [answers, answers] });
  const said = shown.split(/\r?\n/).filter((line) => !/^(passphrase|again)/.test(line));
  return { exitCode, stdout: said.join("\n").trimStart(), stderr: "" };
}

const staged = commands.filter(({ name }) => !rows[name]?.own);
const besideServer = staged.filter(({ name }) => rows[name]?.needs !== "nothing");
const ofHouse = commands.filter(({ name }) => rows[name]?.needs === "house");

test("every command that help names has a row here, and every row is a command", () => {
  expect(Object.keys(rows).sort()).toEqual(commands.map(({ name }) => name).sort());
});

for (const command of besideServer)
  test(`${command.name}: its example works beside a server, and its JSON is one document`, async () => {
    const row = rowOf(command.name);
    for (const more of [[], ["--json"]]) {
      await using stage = await stageFor(command, row, { served: true });
      const { exitCode, stdout, stderr } = await perform(stage, row, [...stage.args, ...more]);
      if (row.served === "is refused") {
        expect([exitCode, stdout + stderr]).toEqual([1, expect.stringMatching(/^housekey: [^\n]+\n$/)]);
        continue;
      }
      expect([command.name, exitCode, stdout, stderr]).toEqual([
        command.name,
        0,
        expect.stringMatching(/\S/),
        expect.not.stringContaining("housekey: "),
      ]);
      if (more.length > 0) expect(typeof JSON.parse(stdout)).toBe("object");
    }
  }, 30_000);

for (const command of staged.filter(({ name }) => rows[name]?.needs !== "client"))
  test(`${command.name}: the same while nobody serves the house`, async () => {
    const row = rowOf(command.name);
    for (const more of [[], ["--json"]]) {
      await using stage = await stageFor(command, row, { served: false });
      const { exitCode, stdout, stderr } = await perform(stage, row, [...stage.args, ...more]);
      if (row.alone === "is refused") {
        expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^housekey: [^\n]+\n$/)]);
        continue;
      }
      expect([command.name, exitCode, stdout, stderr]).toEqual([
        command.name,
        0,
        expect.stringMatching(/\S/),
        "",
      ]);
      if (more.length > 0) expect(typeof JSON.parse(stdout)).toBe("object");
    }
  }, 30_000);

for (const command of commands)
  test(`${command.name}: written wrong it is refused in a line that names the mistake, and opens nothing`, async () => {
    using folder = emptyFolder();
    const say = async (...args: string[]) => {
      const line = told(await run([...command.name.split(" "), ...args], { cwd: folder.path }), 2);
      expect(readdirSync(folder.path)).toEqual([]);
      return line;
    };
    const fit = command.words.map(() => "x");
    expect(await say(...fit, "--no-such-option")).toContain("'--no-such-option'");
    // Another command's own.
    const strange = commands
      .flatMap(({ flags }) => flags)
      .find(({ name }) => command.flags.every((own) => own.name !== name));
    if (!strange) throw new Error("there is no other flag");
    const given = strange.value === undefined ? [`--${strange.name}`] : [`--${strange.name}`, "x"];
    expect(await say(...fit, ...given)).toContain(`${command.name} does not take --${strange.name}; `);
    expect(await say(...fit, "one-too-many")).toContain('does not take "one-too-many"; ');
    for (const [index, word] of command.words.entries())
      if (!word.startsWith("["))
        expect(await say(...fit.slice(0, index))).toContain(`${command.name} needs ${word}; `);
    for (const { name, value } of command.flags)
      expect(await say(...fit, ...(value === undefined ? [`--${name}=x`] : [`--${name}`]))).toContain(
        `--${name}`,
      );
    if (command.takes_settings)
      expect(await say(...fit, "--port", "x")).toContain('--port is "x"; expected ');
    else expect(await say(...fit, "--port", "1")).toContain("does not take --port; ");
  }, 30_000);

for (const command of ofHouse.filter(({ name }) => rows[name]?.makes === undefined))
  test(`${command.name}: where there is no house it says so, and makes none`, async () => {
    using folder = emptyFolder();
    const empty = join(folder.path, "empty");
    Bun.spawnSync(["mkdir", empty]);
    const words = command.words.filter((word) => !word.startsWith("["));
    const fit = words.map((word) => (/OLD|NEW/.test(word) ? `${word.toLowerCase()}.example.org` : "x"));
    for (const data of ["nowhere", empty]) {
      const args = [...command.name.split(" "), ...fit, "--data", data];
      const line = told(await run(args, { cwd: folder.path }), 1);
      expect(line).toMatch(/^housekey: (there is no house in|no house is served from) /);
      expect(contents(folder.path)).toEqual({ empty: "folder" });
    }
  });

test("help shows what its JSON says, and about one command or a family only that", async () => {
  using folder = emptyFolder();
  const show = async (...args: string[]) => (await done(folder.path, "help", ...args)).stdout;
  for (const { name, summary, example, flags } of commands) {
    const page = await show(...name.split(" "));
    for (const part of [`usage: housekey ${name}`, summary, example, ...flags.map((flag) => flag.summary)])
      expect(page).toContain(part);
  }
  const names = async (...args: string[]) =>
    JSON.parse(await show(...args, "--json")).commands.map(({ name }: Told) => name);
  expect(await names("user", "add")).toEqual(["user add"]);
  expect(await names("api-keys")).toEqual(["api-keys create", "api-keys list", "api-keys delete"]);
});

test("serve: its example serves until it is told to stop, and its JSON says where", async () => {
  const command = commands.find(({ name }) => name === "serve");
  if (!command) throw new Error("there is no serve");
  for (const more of [[], ["--json"]]) {
    await using stage = await stageFor(command, rowOf("serve"), { served: false });
    const args = stage.args.map((word) => (word === "8420" ? "0" : word));
    const child = Bun.spawn([binary, ...args, ...more], {
      cwd: stage.cwd,
      env: cleanEnv(),
      stdio: ["ignore", "pipe", "ignore"],
    });
    const reader = child.stdout.getReader();
    const line = new TextDecoder().decode((await reader.read()).value);
    const { url, ...told } =
      more.length > 0 ? JSON.parse(line) : { url: /^housekey: listening on (\S+)\n$/.exec(line)?.[1] };
    if (more.length > 0)
      expect(told).toEqual({ host: "0.0.0.0", port: Number(new URL(url).port), data: stage.data });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    child.kill("SIGTERM");
    expect([await child.exited, (await reader.read()).done]).toEqual([0, true]);
  }
});

test("login: its example waits for a person, who lets it in", async () => {
  const command = commands.find(({ name }) => name === "login");
  if (!command) throw new Error("there is no login");
  await using stage = await stageFor(
    command,
    { needs: "house", stands: { "https://auth.example.org": "URL" } },
    { served: true },
  );
  using client = newClient();
  const [, url = ""] = stage.args;
  const { code, ended } = await client.begin(url);
  expect((await decide(url, template.token, code)).status).toBe(200);
  expect((await ended).stdout).toContain(`Signed in to ${url} as ada.`);
});
