/**
 * What the house writes to people. A letter is put into the queue in the write it belongs to, encrypted until
 * it is sent, and sent by a job: a mail server that is slow, hanging or refusing never touches a request.
 *
 *     queued ──delivered──▶ gone      queued ──refused──▶ queued, later ──▶ … ──▶ dead (its body gone, a line in the audit)
 *       └── its content is out of date ──▶ gone
 */
import { record } from "./audit.ts";
import { type Core, later } from "./core.ts";
import type { Step } from "./doctor.ts";
import type { FactorChange } from "./factor.ts";
import { newId } from "./id.ts";
import { policy } from "./policy.ts";
import type { Writes } from "./store.ts";

/** Everything there is to write about, with what its words need. */
export type Notice =
  | { readonly kind: "login_code"; readonly code: string; readonly minutes: number }
  | { readonly kind: "reset_code"; readonly code: string; readonly minutes: number }
  | { readonly kind: "register_code"; readonly code: string; readonly minutes: number }
  | { readonly kind: "email_code"; readonly code: string; readonly minutes: number }
  | { readonly kind: "already_registered" }
  | { readonly kind: "test" }
  | { readonly kind: "new_device"; readonly device: string; readonly ip: string; readonly at: Date }
  | { readonly kind: "password_changed"; readonly at: Date }
  | { readonly kind: "email_changed"; readonly to: string; readonly at: Date }
  | { readonly kind: "address_claimed"; readonly at: Date }
  | { readonly kind: "family_ended"; readonly at: Date }
  | { readonly kind: "api_key_created"; readonly name: string; readonly at: Date }
  | { readonly kind: "backup_code_used"; readonly left: number; readonly at: Date }
  | {
      readonly kind: "factor_changed";
      readonly what: FactorChange;

      /** Its own name, where it has one. */
      readonly name?: string;

      readonly at: Date;
    };

/** Finds the words. `url` is the public origin, the only one that appears in a letter. */
export type Letters = (notice: Notice, url: string) => Letter;

export interface Letter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Envelope extends Letter {
  readonly to: string;
}

/** An envelope as it waits. */
type Queued = Letter & { readonly to: string | null };

/** Carries letters away. */
export interface Post {
  /** Rejects when the letter could not be handed over. */
  deliver(envelope: Envelope): Promise<void>;

  /**
   * Does the same aloud, step by step up to the first that fails; null: as far as one gets without a letter.
   * Takes no longer than a minute, and never rejects.
   */
  examine(envelope: Envelope | null): Promise<Examination>;
}

export interface Examination {
  readonly steps: readonly Step[];

  /** The conversation, `C:` and `S:` in front of each line; nothing where there is none. Without secrets. */
  readonly transcript: readonly string[];
}

export interface Mail {
  readonly id: string;

  /** The envelope as JSON, sealed. */
  readonly sealed: string;

  readonly createdAt: Date;

  /** Not tried before. */
  readonly nextAt: Date;

  /** Not sent any more from then on: a code that has expired is of no use. */
  readonly staleAt: Date;

  readonly tries: number;
}

export interface MailReads {
  /** What is due, oldest first. */
  due(now: Date, limit: number): Promise<Mail[]>;

  count(): Promise<number>;
}

export interface MailWrites extends MailReads {
  insert(mail: Mail): Promise<void>;

  /** `null` when it was gone already. */
  delete(id: string): Promise<Mail | null>;

  postpone(id: string, tries: number, nextAt: Date): Promise<void>;
}

/** What may wait; one more is dropped with a line in the log. */
const mostQueued = 10_000;

const staleSeconds = 86_400;

/**
 * Queues a letter in `tx`. `seconds`: how long it is worth sending. `to` null: a letter to nobody, which is written,
 * kept and let go like any other, so that who only listens to the time cannot tell whether there was somebody.
 */
export async function write(
  core: Core,
  tx: Writes,
  { to, notice, seconds = staleSeconds }: { to: string | null; notice: Notice; seconds?: number },
): Promise<void> {
  if ((await tx.mails.count()) >= mostQueued) {
    core.log.error("the mail queue is full; a letter was dropped", { kind: notice.kind });
    return;
  }
  const { url } = await policy(core, tx);
  const createdAt = core.clock();
  const id = newId("mai", createdAt);
  const envelope: Queued = { to, ...core.letters(notice, url) };
  await tx.mails.insert({
    id,
    sealed: core.keys.seal("mail", id, JSON.stringify(envelope)),
    createdAt,
    nextAt: createdAt,
    staleAt: later(core, seconds),
    tries: 0,
  });
}

/** Sends a letter that only shows that letters arrive, past the queue, and tells what came of each step. */
export async function testMail(core: Core, to: string): Promise<Examination> {
  const { url } = await policy(core);
  return core.post.examine({ to, ...core.letters({ kind: "test" }, url) });
}

/** The waits in seconds between tries; after the last one the letter is dead. */
export const retryWaits = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800] as const;

const atOnce = 10;

/** Sends what is due; answers how many letters are out of the queue. Meant to be called again and again. */
export async function sendDue(core: Core): Promise<number> {
  const due = await core.store.read.mails.due(core.clock(), atOnce);
  const sent = await Promise.all(due.map((mail) => send(core, mail)));
  return sent.filter(Boolean).length;
}

async function send(core: Core, mail: Mail): Promise<boolean> {
  if (mail.staleAt <= core.clock()) {
    await core.store.write((tx) => tx.mails.delete(mail.id));
    return true;
  }
  try {
    const { to, ...letter }: Queued = JSON.parse(core.keys.open("mail", mail.id, mail.sealed));
    if (to !== null) await core.post.deliver({ to, ...letter });
  } catch (error) {
    await refused(core, mail, error instanceof Error ? error.message : String(error));
    return false;
  }
  await core.store.write((tx) => tx.mails.delete(mail.id));
  return true;
}

async function refused(core: Core, mail: Mail, reason: string): Promise<void> {
  const wait = retryWaits[mail.tries];
  core.log.warn("a mail could not be sent", { mail: mail.id, tries: mail.tries + 1, error: reason });
  await core.store.write(async (tx) => {
    if (wait !== undefined) return tx.mails.postpone(mail.id, mail.tries + 1, later(core, wait));
    await tx.mails.delete(mail.id);
    await record(core, tx, null, { event: "mail.dead", result: "refused", reason: reason.slice(0, 200) });
  });
}
