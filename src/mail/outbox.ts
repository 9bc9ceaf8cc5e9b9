/** Letters into a folder, for a house without a mail server: each a file that any mail program opens. */
import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../identity/core.ts";
import type { Envelope, Post } from "../identity/mail.ts";
import { messageOf, senderOf } from "./message.ts";

export interface OutboxOptions {
  /** Made when it is missing, for its owner alone. */
  readonly folder: string;

  readonly from: string;
  readonly clock: () => Date;
  readonly log: Log;
}

/** Throws when `from` cannot be used. */
export function makeOutboxPost({ folder, from, clock, log }: OutboxOptions): Post {
  const sender = senderOf(from);

  async function put(envelope: Envelope): Promise<string> {
    const now = clock();
    const source = await compose({ ...messageOf(envelope, sender), date: now });
    // In the order they were written, also on a file system without colons.
    const stamp = now.toISOString().replace(/[-:]/g, "");
    const name = `${stamp}-${randomBytes(8).toString("hex")}.eml`;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeWhole(folder, name, source);
    log.info("a mail was put into the outbox", { file: name });
    return join(folder, name);
  }

  return {
    deliver: async (envelope) => void (await put(envelope)),

    async examine(envelope) {
      const none = "no mail server is set up: letters become files";
      try {
        const where = envelope === null ? folder : await put(envelope);
        return { steps: [{ name: "outbox", ok: true, message: `${none}, ${where}`, fix }], transcript: [] };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return {
          steps: [{ name: "outbox", ok: false, message: `${none}, but ${reason}`, fix }],
          transcript: [],
        };
      }
    },
  };
}

const fix = "To send letters, set HOUSEKEY_SMTP_URL to one like smtp://user:password@mail.example.org:587.";

async function compose(message: ReturnType<typeof messageOf> & { date: Date }): Promise<Buffer> {
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  const { message: source } = await transport.sendMail(message);
  if (!Buffer.isBuffer(source)) throw new Error("the letter could not be put together");
  return source;
}

/** Whoever looks into the folder finds whole letters only, whenever the power goes. */
async function writeWhole(folder: string, name: string, bytes: Buffer): Promise<void> {
  const unfinished = join(folder, `.${name}.part`);
  try {
    const file = await open(unfinished, "wx", 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, join(folder, name));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
