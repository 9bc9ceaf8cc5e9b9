/** A revocation by another process bites on the very next request, however busy the house is. */
import { expect, test } from "bun:test";
import { databasePath } from "../../src/host/folder.ts";
import { hashSecret } from "../../src/identity/secret.ts";
import { startAppliance } from "../harness.ts";

const sessions = 40;
const loops = 16;

/** Between two revocations. */
const checks = 50;

/**
 * Told a number, it ends that session; says so once that is on disk, and then what the house makes of its token.
 */
const revoker = `
  const { Database } = require("bun:sqlite");
  const { DATABASE, TARGET, TOKENS } = process.env;
  const db = new Database(DATABASE, { readwrite: true, create: false });
  db.run("PRAGMA busy_timeout = 5000");
  const tokens = JSON.parse(TOKENS);
  for await (const line of console) {
    if (line === "") continue;
    const { token, hash } = tokens[line];
    db.query("UPDATE sessions SET ended_at = created_at WHERE token_hash = ?").run(hash);
    await Bun.write(Bun.stdout, line + " ended\\n");
    const headers = line % 2 ? { cookie: "housekey=" + token } : { authorization: "Bearer " + token };
    const { status } = await fetch(TARGET, { headers });
    await Bun.write(Bun.stdout, line + " " + status + "\\n");
  }
  db.close();
`;

test("thousands of checks run while another process ends sessions: no request begun after one passes", async () => {
  await using house = await startAppliance();
  const user = await house.addUser("ada");
  const tokens: string[] = [];
  for (let made = 0; made < sessions; made++) tokens.push((await house.addSession(user)).token);
  await using server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: house.app.fetch });
  house.app.server = server;
  const target = new URL("/auth/sessions/current", server.url).href;

  const child = Bun.spawn([process.execPath, "-e", revoker], {
    env: {
      ...process.env,
      DATABASE: databasePath(house.folder),
      TARGET: target,
      TOKENS: JSON.stringify(tokens.map((token) => ({ token, hash: hashSecret(token) }))),
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Set<number>();
  const heardByRevoker: string[] = [];
  const reading = (async () => {
    let rest = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const [index, said] = line.split(" ");
        if (said === "ended") ended.add(Number(index));
        else heardByRevoker.push(String(said));
      }
    }
  })();

  let asked = 0;
  const heard = { while: new Set<number>(), after: new Set<number>() };
  const ask = async (loop: number): Promise<void> => {
    for (let turn = loop; heardByRevoker.length < sessions && child.exitCode === null; turn += 7) {
      const index = turn % sessions;
      const when = ended.has(index) ? "after" : "while";
      const { status } = await fetch(target, { headers: { authorization: `Bearer ${tokens[index]}` } });
      heard[when].add(status);
      // Refused checks are counted, and too many in a minute would hear 429.
      if (asked % checks === 0) house.advance(60);
      if (asked % checks === 0 && asked < sessions * checks) {
        child.stdin.write(`${asked / checks}\n`);
        child.stdin.flush();
      }
      asked++;
    }
  };
  await Promise.all(Array.from({ length: loops }, (_, loop) => ask(loop)));
  await child.stdin.end();
  await child.exited;
  await reading;

  expect(heardByRevoker).toEqual(tokens.map(() => "401"));
  expect([...heard.after]).toEqual([401]);
  expect([...heard.while].filter((status) => status !== 401)).toEqual([200]);
  expect(asked).toBeGreaterThan((sessions - 1) * checks);
});
