/** A letter as a message: who it is from, who may get it, and nothing in it that a stranger could have added. */
import type { Envelope } from "../identity/mail.ts";

export interface Sender {
  readonly name: string;
  readonly address: string;
}

/**
 * Whether mail may go to this address: one `@`, ASCII letters and digits around it and the few marks that need
 * no quoting. A comma, a second `@`, a line break or an encoded word could mean another recipient to somebody.
 */
export const deliverable = (address: string): boolean =>
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(address) &&
  address.length <= 254 &&
  !address.includes("=?");

/** Reads `auth@example.org` or `Our house <auth@example.org>`. Throws when it is neither. */
export function senderOf(from: string): Sender {
  const [, named, bracketed] = /^([^<>]*)<([^<>]*)>$/.exec(from.trim()) ?? [];
  const address = (bracketed ?? from).trim();
  const name = (named ?? "").trim().replace(/^"(.*)"$/, "$1");
  if (!deliverable(address) || /\p{Cc}/u.test(name))
    throw new Error("mail cannot be sent from this sender; expected one like Housekey <auth@example.org>");
  return { name: name || "Housekey", address };
}

/** For nodemailer. The envelope is given beside the headers, so that it is not read out of them. */
export function messageOf({ to, subject, text, html }: Envelope, sender: Sender) {
  if (!deliverable(to)) throw new Error("the recipient's address is none that mail can be sent to");
  return {
    envelope: { from: sender.address, to: [to] },
    from: { ...sender },
    to: { name: "", address: to },
    subject,
    text,
    html,
    // RFC 3834 §5: nobody's holiday note answers it.
    headers: { "Auto-Submitted": "auto-generated" },
    xMailer: false as const,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
