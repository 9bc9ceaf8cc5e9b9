/** What the data folder itself can tell: room, modes, the key, and how the last run ended. */
import { existsSync, statfsSync } from "node:fs";
import { Failure } from "../host/failure.ts";
import { hasDatabase, keyPath, masterKey } from "../host/folder.ts";
import { looseModes } from "../host/modes.ts";
import type { Step } from "../identity/doctor.ts";
import { isKeyOf } from "../identity/house.ts";
import { makeKeyring } from "../identity/keyring.ts";
import { ill, well } from "./patient.ts";

const mebibyte = 1024 * 1024;
const leastFree = 200 * mebibyte;

export function examineDisk(folder: string): Step {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const words = `${Math.floor(free / mebibyte)} MiB are free where ${folder} lies`;
  if (free >= leastFree) return well("disk", words);
  return ill(
    "disk",
    `${words}: once it is full nobody can sign in or out, though whoever is signed in stays so`,
    `Make room on that disk (du -xh --max-depth=1 / | sort -h shows what takes it). The house goes on by itself.`,
  );
}

export function examineModes(folder: string): Step {
  const loose = looseModes(folder);
  if (loose.length === 0) return well("files", "for their owner alone");
  const uid = process.getuid?.();
  const more = loose.length > 3 ? ` and ${loose.length - 3} more` : "";
  return ill(
    "files",
    `${loose.slice(0, 3).join("; ")}${more}`,
    `chmod -R go= ${folder}${uid === undefined ? "" : `, and chown -R of it to the user that runs the house`}`,
  );
}

/** `check` is what the database keeps of the key it was made with; null: it does not say. */
export function examineKey(folder: string, configured: Uint8Array | undefined, check: string | null): Step {
  const where = configured ? "HOUSEKEY_MASTER_KEY" : keyPath(folder);
  const restore =
    `Put the key back from a backup (${keyPath(folder)}, or HOUSEKEY_MASTER_KEY); an encrypted backup of the house has ` +
    `it, and "housekey restore FILE" puts both back. Without it secrets in the database stay ` +
    "closed for ever: authenticator apps, signing keys and waiting mail; passwords and accounts could only be moved by hand.";
  if (!configured && !existsSync(keyPath(folder)))
    return hasDatabase(folder)
      ? ill("master key", `${keyPath(folder)} is missing, and the house does not start without it`, restore)
      : well("master key", "none yet; the first start makes it");
  try {
    const keys = makeKeyring(masterKey(folder, configured));
    if (check !== null && !isKeyOf(keys, check))
      return ill("master key", `the one in ${where} is not the one this database was made with`, restore);
    return well("master key", `in ${where}${check === null ? "" : ", and fits"}; keep a copy somewhere else`);
  } catch (error) {
    return ill("master key", error instanceof Failure ? error.message : `${where} cannot be read`, restore);
  }
}

export function examineStop(crashed: string | null): Step {
  if (crashed === null) return well("last stop", "clean");
  return ill(
    "last stop",
    `the run that began ${crashed} ended without a word: a power cut, a kill, or too little memory`,
    'Nothing is lost that was answered. If it happens again, look with "journalctl -k | grep -i oom" for memory, and ' +
      "give the stop ten seconds (docker stop -t 10, TimeoutStopSec=10).",
  );
}
