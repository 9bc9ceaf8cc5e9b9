import { existsSync } from "node:fs";
import { Failure } from "../host/failure.ts";
import {
  actAsOwner,
  databasePath,
  hasDatabase,
  isMarked,
  lostHouse,
  masterKey,
  readToken,
  settleHouse,
} from "../host/folder.ts";
import { looseModes } from "../host/modes.ts";
import { isRestoring } from "../host/swap.ts";
import { isKeyOf } from "../identity/house.ts";
import { makeKeyring } from "../identity/keyring.ts";
import { type Check, type Finding, isSound, look } from "../identity/verify.ts";
import { verifyDatabase } from "../store/verify.ts";
import type { Command } from "./command.ts";
import { print } from "./print.ts";

export const verify: Command = {
  name: "verify",
  summary: "look the house over, also while it is served; exit 1 when anything is wrong",
  example: "housekey verify --json",
  async run({ config: { data, values }, json }) {
    if (existsSync(data)) actAsOwner(data);
    if (isMarked(data) && !hasDatabase(data) && !isRestoring(data)) throw lostHouse(data);
    settleHouse(data);
    const findings = await verifyHouse({ folder: data, masterKey: values.master_key });
    const sound = isSound(findings);
    const checks = findings.map(({ check, problems }) => ({
      name: check,
      ok: problems.length === 0,
      problems,
    }));
    print(json, { ok: sound, checks }, findings.flatMap(lines).join("\n"));
    if (!sound) process.stderr.write("housekey: something is wrong with this house\n");
    return sound ? 0 : 1;
  },
};

const lines = ({ check, problems }: Finding): string[] =>
  problems.length === 0 ? [`${check}: ok`] : problems.map((problem) => `${check}: ${problem}`);

export interface HouseToVerify {
  /** The data folder. */
  readonly folder: string;

  /** The configured one; otherwise it is the folder's file. */
  readonly masterKey?: Uint8Array | undefined;
}

const beside: readonly Check<HouseToVerify>[] = [
  {
    name: "left behind",
    find: ({ folder }) =>
      isMarked(folder) && readToken(folder) !== null
        ? ["the first run is over, but the file bootstrap-token is still there"]
        : [],
  },
  { name: "files", find: ({ folder }) => looseModes(folder) },
];

/**
 * Every check there is, of the database and of what lies around it, also while the house is served. Writes
 * nothing. The folder must have a database.
 */
export async function verifyHouse(house: HouseToVerify): Promise<Finding[]> {
  const marked = isMarked(house.folder);
  const key = keyAtHand(house);
  const findings = [
    ...verifyDatabase(databasePath(house.folder), { marked, isOwnKey: key.isOwn }),
    ...key.findings,
    ...look(beside, house),
  ];
  if (marked || isSound(findings)) return findings;
  // The first admin may be coming in right now: the marker follows the account by a moment.
  await Bun.sleep(250);
  return isMarked(house.folder) ? verifyHouse(house) : findings;
}

interface KeyAtHand {
  readonly isOwn: ((check: string) => boolean) | null;
  readonly findings: readonly Finding[];
}

function keyAtHand({ folder, masterKey: configured }: HouseToVerify): KeyAtHand {
  try {
    const keys = makeKeyring(masterKey(folder, configured));
    return { isOwn: (check) => isKeyOf(keys, check), findings: [] };
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure("cannot be read", error);
    return { isOwn: null, findings: [{ check: "master key file", problems: [failure.message] }] };
  }
}
