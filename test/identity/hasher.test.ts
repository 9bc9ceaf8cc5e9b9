import { expect, test } from "bun:test";
import { makeHasher } from "../../src/identity/hasher.ts";
import { Refusal } from "../../src/identity/refusal.ts";

const options = { width: 2, depth: 3, memoryKib: 64, passes: 1 };

test("at most so many hashes run at once, and at most so many wait; the next one is refused", async () => {
  let started = 0;
  const hasher = makeHasher({ ...options, onStart: () => void started++ });
  const asked = Array.from({ length: 8 }, () => hasher.hash("a password"));
  expect(started).toBe(2);
  const settled = await Promise.allSettled(asked);
  const refused = settled.filter((one) => one.status === "rejected");
  expect(refused).toHaveLength(3);
  for (const { reason } of refused) {
    expect(reason).toBeInstanceOf(Refusal);
    expect([reason.code, reason.retryAfter]).toEqual(["BUSY", 2]);
  }
  expect(started).toBe(5);
  // Every place was given back.
  const again = await Promise.allSettled(Array.from({ length: 5 }, () => hasher.hash("a password")));
  expect(again.every(({ status }) => status === "fulfilled")).toBe(true);
});

test("a hash that fails gives its place back", async () => {
  let fail = true;
  const hasher = makeHasher({
    ...options,
    width: 1,
    onStart() {
      if (fail) throw new Error("no");
    },
  });
  await expect(hasher.hash("a")).rejects.toThrow("no");
  fail = false;
  expect(await hasher.hash("a")).toStartWith("$argon2id$v=19$m=64,t=1,p=1$");
});

test("a hash is outdated when its parameters are not today's, or it is none of ours", async () => {
  const hasher = makeHasher(options);
  const phc = await hasher.hash("a password");
  expect(await hasher.verify("a password", phc)).toBe(true);
  expect(await hasher.verify("A password", phc)).toBe(false);
  expect(hasher.outdated(phc)).toBe(false);
  expect(makeHasher({ ...options, memoryKib: 65 }).outdated(phc)).toBe(true);
  expect(makeHasher({ ...options, passes: 2 }).outdated(phc)).toBe(true);
  expect(hasher.outdated("$2b$10$abc")).toBe(true);
});

test("what is not argon2id, or asks for more than a sane machine gives, is not even tried", async () => {
  let started = 0;
  const hasher = makeHasher({ ...options, onStart: () => void started++ });
  const tail = `$${"A".repeat(22)}$${"A".repeat(43)}`;
  for (const phc of [
    "",
    "plain",
    `$argon2i$v=19$m=64,t=1,p=1${tail}`,
    `$argon2id$v=19$m=1048577,t=1,p=1${tail}`,
    `$argon2id$v=19$m=64,t=17,p=1${tail}`,
    `$argon2id$v=19$m=64,t=0,p=1${tail}`,
    `$argon2id$v=19$m=64,t=1,p=8${tail}`,
  ])
    expect([phc, await hasher.verify("a password", phc)]).toEqual([phc, false]);
  expect(started).toBe(0);
});

test("hashing leaves the event loop free", async () => {
  const hasher = makeHasher({ ...options, memoryKib: 65_536, passes: 3 });
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await hasher.hash("a password");
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
});
