/** Why a letter could not be handed over, in one line for the operator that gives nothing away. */
import type { NodemailerError } from "nodemailer";
import type { Envelope } from "../identity/mail.ts";
import { hostPort, type MailServer } from "./server.ts";

const byCommand: Readonly<Record<string, string>> = {
  "MAIL FROM": "refused the sender",
  "RCPT TO": "refused the recipient",
  DATA: "refused the letter",
};

const byCode: Readonly<Record<string, string>> = {
  EAUTH: "did not accept the user name and password",
  ETLS: "does not encrypt the connection (STARTTLS), and nothing is sent in the clear",
  ETIMEDOUT: "did not answer in time",
  EABORT: "took too long",
  ECONNREFUSED: "refused the connection",
  ENOTFOUND: "is not a name that can be found",
};

/** A server may repeat in its reply what it was told: such a reply is cut down to its number. */
export function faultOf(error: unknown, server: MailServer, envelope: Envelope | null): string {
  const { code = "", command = "", response, message } = error as NodemailerError;
  const said = oneLine(response ?? message);
  const leaks = secretsOf(server, envelope).some((secret) => said.includes(secret));
  const detail = leaks ? said.slice(0, 3).replace(/\D/g, "") : said.slice(0, 200);
  const certificate = isCertificateFault(error) ? "has a certificate that is not trusted" : null;
  const refused = response === undefined ? undefined : byCommand[command];
  const meaning = certificate ?? refused ?? byCode[code] ?? "did not take the letter";
  return `${hostPort(server)} ${meaning}${detail && `: ${detail}`}`;
}

export const isCertificateFault = (error: unknown): boolean =>
  /CERT|ISSUER|SIGNATURE/.test((error as NodemailerError).originalCode ?? "");

/** What must never be shown, as it is said on the wire. */
export function secretsOf({ auth }: MailServer, envelope: Envelope | null): string[] {
  const base64 = (value: string) => Buffer.from(value).toString("base64");
  const password = auth ? [auth.pass, base64(auth.pass), base64(`\0${auth.user}\0${auth.pass}`)] : [];
  const lines = (envelope?.text ?? "").split("\n").filter((line) => line.trim().length > 3);
  return [...password, ...lines].map(oneLine);
}

export const oneLine = (text: string): string => text.replace(/[\p{C}\s]+/gu, " ").trim();
