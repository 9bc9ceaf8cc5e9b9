import { Failure } from "../host/failure.ts";
import { readServing } from "../host/serving.ts";
import type { Command } from "./command.ts";
import { print } from "./print.ts";

const milliseconds = 5000;

export const healthcheck: Command = {
  name: "healthcheck",
  summary: "ask the server of this folder whether it can do its work; exit 1 when it cannot, for containers",
  example: "housekey healthcheck --data /var/lib/housekey",
  async run({ config: { data }, json }) {
    const address = readServing(data)?.address ?? null;
    if (address === null) throw new Failure(`no house is served from ${data}`);
    const status = await statusOf(address);
    if (status !== 200)
      throw new Failure(`the house at ${address} is not ready: it answers ${status} to /readyz`);
    print(json, { ok: true, address }, "ready");
    return 0;
  },
};

/** What `/readyz` answers. Throws `Failure` when nobody does. */
export async function statusOf(address: string): Promise<number> {
  try {
    // Its certificate is for its public name, and this is not the way to it.
    const tls = { rejectUnauthorized: false };
    const answer = await fetch(`${address}/readyz`, { tls, signal: AbortSignal.timeout(milliseconds) });
    return answer.status;
  } catch (error) {
    throw new Failure(`the house at ${address} does not answer`, error);
  }
}
