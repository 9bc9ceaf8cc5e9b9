import { join } from "node:path";
import { type Config, ConfigError } from "../config.ts";
import type { Log } from "../identity/core.ts";
import type { Post } from "../identity/mail.ts";
import { makeOutboxPost } from "../mail/outbox.ts";
import { makeSmtpPost } from "../mail/smtp.ts";

/** Where letters go: to the mail server, or into files while there is none. Throws `ConfigError`. */
export function postFor({ values, data }: Config, log: Log): Post {
  const { hostname } = new URL(values.url ?? "http://localhost");
  // An address of a mailbox cannot end in an IP address.
  const from =
    values.mail_from ??
    `Housekey <housekey@${/[a-z]/i.test(hostname) && !hostname.includes(":") ? hostname : "localhost"}>`;
  try {
    if (values.smtp_url !== undefined) return makeSmtpPost({ url: values.smtp_url, from });
    return makeOutboxPost({ folder: join(data, "outbox"), from, clock: () => new Date(), log });
  } catch (error) {
    throw new ConfigError(
      `HOUSEKEY_SMTP_URL or HOUSEKEY_MAIL_FROM: ${error instanceof Error ? error.message : error}`,
    );
  }
}
