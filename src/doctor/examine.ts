/** One set of checks, for the server's own answer, for the command beside it, and for the line at start. */
import { resolve } from "node:path";
import { databasePath, hasDatabase } from "../host/folder.ts";
import type { Doctor, Step } from "../identity/doctor.ts";
import type { Values } from "../names.ts";
import { type Notes, readNotes } from "../store/doctor.ts";
import { examineAddress, examineCookies, examinePasskeys } from "./address.ts";
import { examineBackups } from "./backup.ts";
import { examineCertificate } from "./certificate.ts";
import { examineClock } from "./clock.ts";
import { keeperOf } from "./clock-signs.ts";
import { examineDatabase, examineFlushes, examineLog } from "./database.ts";
import { examineDisk, examineKey, examineModes, examineStop } from "./folder.ts";
import { examineForward } from "./forward.ts";
import { type Address, ill, type Patient } from "./patient.ts";
import { examineProxies } from "./proxy.ts";

interface Depth {
  /** Leaves out whatever talks to somebody, or reads the whole database with its indexes. */
  readonly quick: boolean;

  readonly clientNow: Date | null;
}

export async function examine(patient: Patient, { quick, clientNow }: Depth): Promise<Step[]> {
  const { config, seen, clock, clockMoved, ahead, crashed, post, provider } = patient;
  const { values, data } = config;
  const notes = notesOf(data);
  const address = addressOf(patient, notes);
  const files = { cert: values.tls_cert, key: values.tls_key };
  const moved = clockMoved === null ? null : clockMoved();
  const checks: readonly [string, () => Step | readonly Step[] | Promise<Step | readonly Step[]>][] = [
    ["address", () => examineAddress(address, seen, clock())],
    ["passkeys", () => examinePasskeys(address)],
    ["cookies", () => examineCookies(address, values.cookie_domain)],
    ["proxy", () => examineProxies(address, seen, values.trusted_proxies ?? [], clock())],
    [
      "other applications",
      () =>
        examineForward(
          address,
          seen,
          { trusted: values.trusted_proxies ?? [], cookieDomain: values.cookie_domain },
          clock(),
        ),
    ],
    ["certificate", () => examineCertificate(address, files, clock())],
    ["clock", () => examineClock({ now: clock(), moved, clientNow, seen, ahead, keeper: keeperOf(clock()) })],
    ["mail", () => (quick ? [] : examineMail(post))],
    ["provider", () => (quick || !provider ? [] : examineProvider(provider))],
    ["backup", () => examineBackups(planOf(values), clock())],
    ["disk", () => examineDisk(data)],
    ["files", () => examineModes(data)],
    ["master key", () => examineKey(data, values.master_key, notes?.keyCheck ?? null)],
    ["database", () => examineDatabase(data, { quick, between: seen !== null })],
    ["write-ahead log", () => examineLog(data)],
    ["flushes", () => examineFlushes(patient.unflushed?.() ?? null)],
    ["last stop", () => examineStop(crashed)],
  ];
  const steps: Step[] = [];
  for (const [name, check] of checks)
    try {
      steps.push(...[await check()].flat());
    } catch (error) {
      // One that breaks must not hide the rest.
      const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
      steps.push(ill(name, `cannot be looked at: ${reason}`, "See that the folder is there and readable."));
    }
  return steps;
}

/** One line: the first thing that fails, or all well; nothing where no provider is set up. */
async function examineProvider(test: NonNullable<Patient["provider"]>): Promise<Step[]> {
  const steps = await test();
  const failed = steps.find(({ ok }) => !ok);
  if (failed) return [{ ...failed, name: "provider" }];
  return steps.length === 0 ? [] : [{ name: "provider", ok: true, message: "it answers as it should" }];
}

/** The mail server as far as one gets without a letter: one line, the first thing that fails or all well. */
async function examineMail(post: Patient["post"]): Promise<Step> {
  const { steps } = await post.examine(null);
  const failed = steps.find(({ ok }) => !ok);
  const message =
    steps.length === 1 ? (steps[0]?.message ?? "") : "the mail server answers, up to the sign-in";
  return failed ? { ...failed, name: "mail" } : { name: "mail", ok: true, message };
}

/** As `serve` makes them. */
function planOf(values: Values) {
  const { backup_dir, backup_every = 86_400 } = values;
  return { folder: backup_dir === undefined ? null : resolve(backup_dir), every: backup_every };
}

function notesOf(folder: string): Notes | null {
  try {
    return hasDatabase(folder) ? readNotes(databasePath(folder)) : null;
  } catch {
    // What is the matter with it is told by the check of the database.
    return null;
  }
}

function addressOf({ config, defaultUrl }: Patient, notes: Notes | null): Address {
  const chosen = config.values.url ?? notes?.url ?? null;
  return { url: new URL(chosen ?? defaultUrl()), isSet: chosen !== null };
}

/** Whoever asks while somebody else's answer is being found gets the same one. */
export function makeDoctor(patient: Patient): Doctor {
  let running: Promise<Step[]> | null = null;
  return {
    async examine({ clientNow } = {}) {
      if (clientNow !== undefined) return examine(patient, { quick: false, clientNow });
      running ??= examine(patient, { quick: false, clientNow: null }).finally(() => {
        running = null;
      });
      return running;
    },
  };
}
