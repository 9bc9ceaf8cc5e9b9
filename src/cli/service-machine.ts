/** This machine's own say in it: accounts, the data folder, systemd. */
import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from "node:fs";
import { Failure } from "../host/failure.ts";
import { readServing } from "../host/serving.ts";
import { statusOf } from "./healthcheck.ts";
import { paths } from "./service-plan.ts";
import type { Unit } from "./service-unit.ts";

const patience = 20_000;

/** Throws `Failure` when the folder is there and belongs to somebody else than who will serve it. */
export function refuseStrangers({ data, user }: Unit): void {
  if (!existsSync(data)) return;
  if (!statSync(data).isDirectory()) throw new Failure(`${data} is no folder`);
  const { uid } = statSync(data);
  if (uid === idOf(user, "-u")) return;
  const owner = nameOf(uid);
  const way = uid === 0 ? "" : `name them with --user ${owner}, or `;
  throw new Failure(
    `${data} belongs to ${owner}; ${way}stop who serves it and give it to ${user}: ` +
      `useradd --system ${user}; chown -R ${user}: ${data}`,
  );
}

/** Makes the account and the folder when they are missing. */
export function readyFolder({ data, user }: Unit): void {
  order("systemd-sysusers", paths.user);
  const [uid, gid] = [idOf(user, "-u"), idOf(user, "-g")];
  if (uid === null || gid === null) throw new Failure(`there is no account ${user}, and none could be made`);
  if (existsSync(data)) return;
  mkdirSync(data, { recursive: true });
  chmodSync(data, 0o700);
  chownSync(data, uid, gid);
}

export const systemctl = (...words: string[]): void => order("systemctl", ...words);

/** Starts the service, or starts it again when something about it is new, and waits until the house can do its work. */
export async function serveAnew({ data }: Unit, isNew: boolean): Promise<void> {
  const before = readServing(data)?.since;
  systemctl(isNew ? "restart" : "start", "housekey.service");
  const end = performance.now() + patience;
  while (performance.now() < end) {
    if (did("systemctl", "is-failed", "--quiet", "housekey.service")) break;
    const serving = readServing(data);
    const answers = serving?.address ?? null;
    if (answers !== null && (!isNew || serving?.since !== before) && (await isReady(answers))) return;
    await Bun.sleep(200);
  }
  throw new Failure('it is installed, and the house does not answer; "journalctl -u housekey" says why');
}

export const stopService = (): void => systemctl("disable", "--now", "housekey.service");

const isReady = (address: string): Promise<boolean> =>
  statusOf(address).then(
    (status) => status === 200,
    () => false,
  );

const did = (...words: string[]): boolean =>
  Bun.spawnSync(words, { stdio: ["ignore", "ignore", "ignore"] }).exitCode === 0;

function idOf(user: string, which: "-u" | "-g"): number | null {
  const { exitCode, stdout } = Bun.spawnSync(["id", which, user], { stdio: ["ignore", "pipe", "ignore"] });
  return exitCode === 0 ? Number(stdout.toString().trim()) : null;
}

function nameOf(uid: number): string {
  const { exitCode, stdout } = Bun.spawnSync(["id", "-un", String(uid)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  return exitCode === 0 ? stdout.toString().trim() : `user ${uid}`;
}

/** Throws `Failure` when the program is missing or does not do it. */
function order(...words: string[]): void {
  const asked = words.join(" ");
  let ran: ReturnType<typeof Bun.spawnSync>;
  try {
    ran = Bun.spawnSync(words, { stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    throw new Failure(`cannot run ${asked}`, error);
  }
  if (ran.exitCode === 0) return;
  const [line = ""] = (ran.stderr?.toString() ?? "").trim().split("\n");
  throw new Failure(`"${asked}" failed: ${line || `exit ${ran.exitCode}`}`);
}
