import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { type Envelope, retryWaits, sendDue, write } from "../../src/identity/mail.ts";
import { type Appliance, type Asked, password, startAppliance } from "../harness.ts";

const ada = "ada@example.com";
const queue = (house: Appliance, seconds?: number) =>
  house.core.store.write((tx) =>
    write(house.core, tx, {
      to: ada,
      notice: { kind: "password_changed", at: house.core.clock() },
      ...(seconds !== undefined && { seconds }),
    }),
  );
const waiting = (house: Appliance) => house.core.store.read.mails.count();

/** Makes the post answer as told; what it was given is kept. */
function postman(house: Appliance, deliver: (envelope: Envelope) => Promise<void>): Envelope[] {
  const seen: Envelope[] = [];
  Object.assign(house.core.post, {
    deliver: (envelope: Envelope) => {
      seen.push(envelope);
      return deliver(envelope);
    },
  });
  return seen;
}

test("a letter waits encrypted, is sent once, and is gone", async () => {
  await using house = await startAppliance();
  await queue(house);
  using db = new Database(`${house.folder}/housekey.db`, { readonly: true });
  const [row] = db.query("SELECT * FROM mails").all();
  expect(JSON.stringify(row)).not.toContain("ada");
  expect([await sendDue(house.core), await sendDue(house.core)]).toEqual([1, 0]);
  expect(house.outbox.map(({ to }) => to)).toEqual([ada]);
  expect(await waiting(house)).toBe(0);
});

test("one that is refused is tried again, later each time, and at last given up with a line in the audit", async () => {
  await using house = await startAppliance();
  const seen = postman(house, () => Promise.reject(new Error("450 try later")));
  await queue(house, 10 * 86_400);
  await sendDue(house.core);
  for (const [tries, wait] of retryWaits.entries()) {
    house.advance(wait - 1);
    await sendDue(house.core);
    expect(seen).toHaveLength(tries + 1);
    house.advance(1);
    await sendDue(house.core);
    expect(seen).toHaveLength(tries + 2);
  }
  expect(await waiting(house)).toBe(0);
  const page = { after: null, limit: 1 };
  const [line] = await house.core.store.read.audit.list({ userId: null, event: "mail.dead" }, page);
  expect([line?.result, line?.reason]).toEqual(["refused", "450 try later"]);
});

test("a code that has expired is not sent any more", async () => {
  await using house = await startAppliance();
  const seen = postman(house, () => Promise.reject(new Error("down")));
  await queue(house, 60);
  await sendDue(house.core);
  house.advance(60);
  await sendDue(house.core);
  expect([seen.length, await waiting(house)]).toEqual([1, 0]);
});

test("a post that hangs holds up no request, and one that lies loses nothing", async () => {
  await using house = await startAppliance();
  await house.addUser("ada");
  const { promise, resolve } = Promise.withResolvers<void>();
  postman(house, () => promise);
  await queue(house);
  const sending = sendDue(house.core);
  const body = { email: ada, purpose: "login" };
  for (let n = 0; n < 5; n++) expect((await house.post("/api/v1/auth/otp/send", body)).status).toBe(202);
  expect(await waiting(house)).toBe(6);
  resolve();
  await sending;
  expect(await waiting(house)).toBe(5);
});

test("the queue has a bound", async () => {
  await using house = await startAppliance({ tampered: true });
  await queue(house);
  using db = new Database(`${house.folder}/housekey.db`);
  db.run(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
    INSERT INTO mails SELECT 'mai_' || i, sealed, created_at, next_at, stale_at, tries FROM mails, n`);
  await queue(house);
  expect(await waiting(house)).toBe(10_000);
  expect(house.lines.some((line) => line.includes("queue is full"))).toBe(true);
});

test("an owner is told of a sign-in from a new device, and of none other", async () => {
  await using house = await startAppliance({ values: { trusted_proxies: ["127.0.0.1"] } });
  await house.addUser("ada");
  const chrome =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36";
  const from = (address: string, cookie?: string): Asked => ({
    headers: { "x-forwarded-for": address, "user-agent": chrome },
    ...(cookie !== undefined && { cookie }),
  });
  const login = (asked: Asked) => house.post("/auth/local/login", { username: "ada", password }, asked);
  const first = await login(from("10.0.0.1"));
  await login(from("10.0.0.1"));
  await login(from("10.0.0.2", first.cookie));
  expect(await house.mailTo(ada)).toEqual([]);
  await login(from("10.0.0.3"));
  const [letter] = await house.mailTo(ada);
  expect(letter?.text).toContain("Chrome on macOS");
  expect(letter?.text).toContain("10.0.0.3");
});

test("a changed password is told by mail", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("ada"));
  const body = { current_password: password, new_password: "difference engine" };
  expect((await house.post("/auth/password", body, { token })).status).toBe(204);
  expect((await house.mailTo(ada)).map(({ subject }) => /password/i.test(subject))).toEqual([true]);
});

test("every link in a letter is at the configured origin, whatever Host the request had", async () => {
  await using house = await startAppliance({
    values: { url: "https://auth.example.org", registration: "open" },
  });
  const asked: Asked = { headers: { host: "evil.example", "x-forwarded-host": "evil.example" } };
  await house.post("/api/v1/auth/register", { email: ada, password }, asked);
  await house.post("/api/v1/auth/otp/send", { email: ada, purpose: "login" }, asked);
  for (const { text, html } of await house.mailTo(ada)) {
    for (const link of (text + html).match(/https?:\/\/[^\s"<>)]+/g) ?? [])
      expect(link).toStartWith("https://auth.example.org");
    expect(text + html).not.toContain("evil");
  }
});
