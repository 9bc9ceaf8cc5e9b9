import type { Config } from "../config.ts";
import { writtenAhead } from "../doctor/clock-signs.ts";
import { examine } from "../doctor/examine.ts";
import { examineOutside } from "../doctor/outside.ts";
import { askReport } from "../doctor/report.ts";
import { actAsOwner, hasDatabase, isMarked, lostHouse, requireHouse } from "../host/folder.ts";
import { makeLog } from "../host/log.ts";
import { postFor } from "../host/post.ts";
import { readServing, unendedRun } from "../host/serving.ts";
import type { Step } from "../identity/doctor.ts";
import { webOrigin } from "../names.ts";
import { type Command, UsageError } from "./command.ts";
import { print } from "./print.ts";

export const doctor: Command = {
  name: "doctor",
  flags: [
    { name: "url", value: "URL", summary: "also fetch the house by this address, and look at what arrives" },
  ],
  summary: "look over what the house stands on, and say how to mend it; exit 1 when anything wants it",
  example: "housekey doctor --url https://auth.example.org",
  async run({ config, flags, json }) {
    const outside = aimOf(flags.url);
    if (isMarked(config.data) && !hasDatabase(config.data)) throw lostHouse(config.data);
    requireHouse(config.data);
    actAsOwner(config.data);
    const serving = readServing(config.data);
    const near = serving?.address ?? null;
    // First, so that what arrives by it is among what the server has seen.
    const found = outside ? await examineOutside({ url: outside, near, now: new Date() }) : [];
    const asked = serving?.report ? await askReport(serving.report) : null;
    const steps = [...(asked ?? (await alone(config))), ...found];
    const ok = steps.every((step) => step.ok);
    print(json, { ok, served: asked !== null, steps }, steps.map(told).join("\n"));
    if (!ok) process.stderr.write("housekey: something about this house wants mending\n");
    return ok ? 0 : 1;
  },
};

function aimOf(given: string | undefined): URL | null {
  if (given === undefined) return null;
  const origin = webOrigin(given);
  if (origin === undefined) throw new UsageError("--url: expected an address like https://auth.example.org");
  return new URL(origin);
}

const told = ({ name, ok, message, fix }: Step): string =>
  ok
    ? `ok    ${name}: ${message}`
    : `WRONG ${name}: ${message}${fix === undefined ? "" : `\n      -> ${fix}`}`;

/** No server answers: as much as can be told without one. */
function alone(config: Config): Promise<Step[]> {
  const quiet = makeLog({ form: "pretty", level: "error", clock: () => new Date(), write: () => {} });
  const patient = {
    config,
    post: postFor(config, quiet),
    clock: () => new Date(),
    seen: null,
    clockMoved: null,
    ahead: writtenAhead(config.data, new Date()),
    crashed: unendedRun(config.data),
    defaultUrl: () => `http://localhost:${config.values.port ?? 8420}`,
  };
  return examine(patient, { quick: false, clientNow: null });
}
