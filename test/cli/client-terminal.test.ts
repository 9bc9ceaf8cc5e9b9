/** The client commands in a real terminal, where a person is asked things. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomUUID } from "node:crypto";
import { binary, cleanEnv, requireBinary, speak } from "../binary.ts";
import { codeAt } from "../two-factor/app.ts";
import { type Client, decide, newClient } from "./client.ts";
import { type Operated, operate } from "./operator.ts";

const socket = `housekey-${randomUUID()}`;

function tmux(...args: string[]): string {
  const { stdout, stderr, exitCode } = Bun.spawnSync(["tmux", "-L", socket, ...args], { env: cleanEnv() });
  if (exitCode !== 0) throw new Error(`tmux ${args[0]}: ${stderr}`);
  return stdout.toString();
}

let operated: Operated;
let client: Client;

beforeAll(async () => {
  requireBinary();
  operated = await operate();
  client = newClient();
  const shell = ["env", "-i", `HOME=${client.home}`, "PATH=/usr/bin:/bin", "PS1=$ ", "TERM=screen", "sh"];
  tmux("-f", "/dev/null", "new-session", "-d", "-x", "200", "-y", "50", "-c", client.home, ...shell);
});

afterAll(async () => {
  tmux("kill-server");
  client[Symbol.dispose]();
  await operated[Symbol.asyncDispose]();
});

const screen = (): string => tmux("capture-pane", "-p", "-J");

/** Waits until the screen shows `wanted`; answers what it found. */
async function shows(wanted: RegExp): Promise<RegExpExecArray> {
  for (let tries = 0; tries < 100; tries++) {
    const found = wanted.exec(screen());
    if (found) return found;
    await Bun.sleep(100);
  }
  throw new Error(`the screen never shows ${wanted}:\n${screen()}`);
}

const type = (text: string) => tmux("send-keys", "-l", text);
const press = (key: string) => tmux("send-keys", key);

/** Runs a command in the terminal, on a screen that has nothing else; the shell says how it ended. */
async function enter(...args: string[]): Promise<void> {
  type("clear");
  press("Enter");
  await shows(/^\$ \n*$/);
  type(`${binary} ${args.join(" ")}; echo "exit=$?"`);
  press("Enter");
}

test("a person signs in, confirms with their password unseen, and makes a key", async () => {
  const { url } = operated.house;
  await enter("login", url);
  const [, code = ""] = await shows(/and approve the code ([A-Z0-9]{6})\./);
  expect((await decide(url, operated.token, code)).status).toBe(200);
  await shows(/Signed in to http:\S+ as ada\.\nexit=0/);

  await enter("api-keys", "create", "backup");
  await shows(/^Password: $/m);
  type("wrong guess");
  press("Enter");
  await shows(/That is not right\. Try again\.\nPassword: $/m);
  type("analytical enginx");
  press("BSpace");
  type("e");
  press("Enter");
  const [, key = ""] = await shows(/^(hk_[0-9A-Za-z]{49})\nKeep it now: it is shown this once\.\nexit=0/m);
  for (const secret of ["wrong guess", "analytical"]) expect(screen()).not.toContain(secret);
  expect((await speak(operated.house, "GET", "/v1/auth/me", { token: key })).status).toBe(200);

  // Fresh for a while: nothing more is asked.
  await enter("api-keys", "create", "other", "--json");
  await shows(/"key":"hk_[0-9A-Za-z]{49}"\}\nexit=0/);
});

test("somebody who gives up, or is wrong three times, has changed nothing, and keeps a terminal that echoes", async () => {
  await stale();
  for (const key of ["C-c", "C-d"]) {
    await enter("api-keys", "create", "unmade");
    await shows(/^Password: $/m);
    press(key);
    await shows(/housekey: given up; nothing was changed\nexit=1/);
  }
  await enter("api-keys", "create", "unmade");
  for (const tries of [0, 1, 2]) {
    await shows(new RegExp(`^(Password: \\nThat is not right. Try again.\\n){${tries}}Password: $`, "m"));
    type("wrong");
    press("Enter");
  }
  await shows(/housekey: wrong name or password\nexit=1/);
  type("echo i see what i type");
  await shows(/\$ echo i see what i type/);
  press("C-u");
  expect(await client.ok("api-keys", "list")).not.toContain("unmade");
});

test("with two-factor on the code is asked for as well", async () => {
  const { house, token } = operated;
  const setup = await speak(house, "POST", "/api/v1/auth/2fa/setup", { token });
  const { secret } = setup.body;
  const enable = { token, body: { code: codeAt(secret, new Date()) } };
  const enabled = await speak(house, "POST", "/api/v1/auth/2fa/enable", enable);
  expect(enabled.status).toBe(200);
  const { code, ended } = await client.begin(house.url);
  expect((await decide(house.url, token, code)).status).toBe(200);
  expect((await ended).exitCode).toBe(0);
  await enter("api-keys", "delete", "key_none");
  await shows(/^Password: $/m);
  type("analytical engine");
  press("Enter");
  await shows(/^Code \(from your authenticator app, a backup code, or a mail\): $/m);
  type("000000");
  press("Enter");
  await shows(/That is not right\. Try again\.\nCode .*: $/m);
  type(enabled.body.backup_codes[0]);
  press("Enter");
  await shows(/housekey: there is nothing here\nexit=1/);
  expect(screen()).not.toContain(enabled.body.backup_codes[0]);
});

/** A session of the client's that has confirmed nothing. */
async function stale(): Promise<void> {
  const { code, ended } = await client.begin(operated.house.url);
  expect((await decide(operated.house.url, operated.token, code)).status).toBe(200);
  expect((await ended).exitCode).toBe(0);
}
