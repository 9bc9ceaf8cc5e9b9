import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../src/identity/core.ts";
import { makeOutboxPost } from "../../src/mail/outbox.ts";
import { letter, parse, partsOf, temporary } from "./smtp-server.ts";

const now = new Date("2026-03-01T07:05:09.123Z");
const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** An outbox in a folder that is not there yet. */
function outbox() {
  const home = temporary();
  const folder = join(home.path, "data", "outbox");
  const lines: string[] = [];
  const line = (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { writes: () => true, debug: line, info: line, warn: line, error: line };
  const post = makeOutboxPost({ folder, from: "auth@example.org", clock: () => now, log });
  return { folder, lines, post, [Symbol.dispose]: () => home[Symbol.dispose]() };
}

test("a letter becomes a file of the owner's alone, named by when it was written", async () => {
  using box = outbox();
  await box.post.deliver(letter);
  const [name = "", ...more] = readdirSync(box.folder);
  expect(more).toEqual([]);
  expect(name).toMatch(/^20260301T070509\.123Z-[0-9a-f]{16}\.eml$/);
  expect([modeOf(box.folder), modeOf(join(box.folder, name))]).toEqual([0o700, 0o600]);
});

test("the file is a whole message", async () => {
  using box = outbox();
  await box.post.deliver(letter);
  const source = readFileSync(join(box.folder, readdirSync(box.folder)[0] ?? ""), "utf8");
  expect(source.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  for (const line of source.split("\r\n")) expect(line.length).toBeLessThan(998);
  const message = parse(source);
  expect(Object.fromEntries(message.headers)).toMatchObject({
    from: "Housekey <auth@example.org>",
    to: letter.to,
    subject: letter.subject,
    date: "Sun, 01 Mar 2026 07:05:09 +0000",
    "message-id": expect.stringMatching(/^<[\w.-]+@example\.org>$/),
    "mime-version": "1.0",
  });
  expect(partsOf(message).map(({ body }) => body)).toEqual([letter.text.trim(), letter.html.trim()]);
});

test("the log has a line with the file's name and nothing of the letter", async () => {
  using box = outbox();
  await box.post.deliver(letter);
  const [file] = readdirSync(box.folder);
  expect(box.lines).toEqual([`a mail was put into the outbox ${JSON.stringify({ file })}`]);
});

test("letters of one moment all get a file, and no unfinished ones stay", async () => {
  using box = outbox();
  await Promise.all(Array.from({ length: 20 }, () => box.post.deliver(letter)));
  expect(readdirSync(box.folder).filter((name) => name.endsWith(".eml"))).toHaveLength(20);
  expect(readdirSync(box.folder)).toHaveLength(20);
});

test("an address that is none leaves no file, and no header grows out of a subject", async () => {
  using box = outbox();
  const to = "ada@example.org\r\nBcc: eve@example.net";
  await expect(box.post.deliver({ ...letter, to })).rejects.toThrow("the recipient's address");
  await box.post.deliver({ ...letter, subject: "Hello\r\nBcc: eve@example.net" });
  const [name = "", ...more] = readdirSync(box.folder);
  expect(more).toEqual([]);
  const { headers } = parse(readFileSync(join(box.folder, name), "utf8"));
  expect([...headers.keys()]).not.toContain("bcc");
});

test("a folder that is there keeps the mode its owner gave it", async () => {
  using box = outbox();
  mkdirSync(box.folder, { recursive: true });
  chmodSync(box.folder, 0o750);
  await box.post.deliver(letter);
  expect(modeOf(box.folder)).toBe(0o750);
});

test("a folder that cannot be made is an error, without a line that says it worked", async () => {
  using box = outbox();
  mkdirSync(join(box.folder, ".."), { recursive: true });
  writeFileSync(box.folder, "in the way");
  await expect(box.post.deliver(letter)).rejects.toThrow("EEXIST");
  expect(box.lines).toEqual([]);
});
