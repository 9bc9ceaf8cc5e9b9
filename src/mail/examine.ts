/** One letter sent aloud: the very conversation that every letter has, told step by step. */
import { lookup } from "node:dns/promises";
import type { NodemailerError } from "nodemailer";
import type { Step } from "../identity/doctor.ts";
import type { Envelope, Examination } from "../identity/mail.ts";
import { faultOf, isCertificateFault, oneLine, secretsOf } from "./fault.ts";
import { hostPort, type MailServer } from "./server.ts";

/** In the order in which a conversation comes by them. */
const stages = [
  "name",
  "connection",
  "greeting",
  "encryption",
  "certificate",
  "authentication",
  "sender",
  "recipient",
  "letter",
] as const;

type Stage = (typeof stages)[number];

/** The stage that a command of ours belongs to, by its first word. */
const stageOfCommand: Readonly<Record<string, Stage>> = {
  EHLO: "encryption",
  HELO: "encryption",
  STARTTLS: "encryption",
  AUTH: "authentication",
  MAIL: "sender",
  RCPT: "recipient",
  DATA: "letter",
};

/** Overheard while nodemailer talks. */
export interface Overheard {
  /** Called when there is a connection. */
  connected(): void;

  /** Takes the place of nodemailer's logger. */
  readonly logger: object;
}

interface Talk {
  readonly server: MailServer;

  /** Null: only as far as one gets without a letter. */
  readonly envelope: Envelope | null;

  readonly from: string;

  /** Milliseconds for finding the name. */
  readonly wait: number;

  /** Has the conversation. */
  readonly converse: (overheard: Overheard) => Promise<unknown>;
}

/** Never rejects. Nothing in it gives the password away, whatever the server repeats. */
export async function examineSmtp({ server, envelope, from, wait, converse }: Talk): Promise<Examination> {
  const lines: string[] = [];
  const secrets = secretsOf(server, null);
  let connected = false;
  const done = (failed: Stage | null, wrong = ""): Examination => ({
    steps: told({ server, envelope, from, lines, address, failed, wrong }),
    transcript: lines,
  });
  let address: string;
  try {
    address = await addressOf(server, wait);
  } catch (error) {
    address = "";
    return done("name", faultOf(error, server, envelope));
  }
  try {
    await converse({
      connected: () => {
        connected = true;
      },
      logger: listener((who, line) => lines.push(`${who}: ${hide(line, secrets)}`)),
    });
    return done(null);
  } catch (error) {
    return done(failedAt(error, connected, lines), faultOf(error, server, envelope));
  }
}

async function addressOf({ host }: MailServer, wait: number): Promise<string> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(Object.assign(new Error("the name was not found in time"), { code: "ETIMEDOUT" }));
  }, wait);
  try {
    const { address } = await Promise.race([lookup(host), late.promise]);
    return address;
  } finally {
    clearTimeout(timer);
  }
}

/** The last thing we said tells how far we came; some failures tell it better. */
function failedAt(error: unknown, connected: boolean, lines: readonly string[]): Stage {
  const { code = "" } = error as NodemailerError;
  if (!connected) return "connection";
  if (isCertificateFault(error)) return "certificate";
  if (code === "EAUTH") return "authentication";
  if (code === "ETLS") return "encryption";
  const said = lines.findLast((line) => line.startsWith("C: "))?.slice(3) ?? "";
  const [word = ""] = said.toUpperCase().split(/[ :]/, 1);
  if (said === "") return /timed? ?out|greeting/i.test(String(error)) ? "greeting" : "encryption";
  // The password itself, or the letter's closing dot, has no word of its own.
  const known = lines.findLast((line) => /^C: (EHLO|HELO|STARTTLS|AUTH|MAIL|RCPT|DATA)/i.test(line));
  return stageOfCommand[word] ?? stageOfCommand[known?.slice(3).split(/[ :]/, 1)[0] ?? ""] ?? "greeting";
}

interface Told extends Pick<Talk, "server" | "envelope" | "from"> {
  readonly lines: readonly string[];
  readonly address: string;
  readonly failed: Stage | null;
  readonly wrong: string;
}

function told({ failed, wrong, ...facts }: Told): Step[] {
  const last = facts.envelope === null ? "authentication" : "letter";
  const reached = stages.slice(0, stages.indexOf(failed ?? last) + (failed ? 0 : 1));
  const steps: Step[] = reached.map((name) => ({ name, ok: true, message: well(name, facts) }));
  if (failed !== null) steps.push({ name: failed, ok: false, message: wrong, fix: mend(failed, facts) });
  return steps;
}

type Facts = Omit<Told, "failed" | "wrong">;

function well(stage: Stage, { server, envelope, from, lines, address }: Facts): string {
  const encrypted = server.implicit || lines.some((line) => /^C: STARTTLS/i.test(line));
  const words: Record<Stage, string> = {
    name: `${server.host} is ${address}`,
    connection: `port ${server.port} answers`,
    greeting: lines.find((line) => line.startsWith("S: "))?.slice(3, 203) ?? "the server greets",
    encryption: encrypted
      ? `encrypted with ${server.implicit ? "TLS from the first byte" : "STARTTLS"}`
      : "not encrypted, which is fine on this machine",
    certificate: server.strict ? `good for ${server.host}` : "not looked at on this machine",
    authentication: server.auth
      ? "the user name and the password are accepted"
      : "none: the address of the server names no user",
    sender: `${from} may send`,
    recipient: `${envelope?.to ?? ""} is taken`,
    letter: "the server took the letter; whether it arrives is for the mailbox to show",
  };
  return words[stage];
}

const setting = "HOUSEKEY_SMTP_URL";

function mend(stage: Stage, { server, from }: Facts): string {
  const { host, port } = server;
  const words: Record<Stage, string> = {
    name: `Correct the host in ${setting}, or the name server of this machine: "${host}" is looked up there.`,
    connection:
      `See that a mail server listens on ${hostPort(server)} and no firewall is in between. The usual ports are ` +
      `587 for smtp:// and 465 for smtps://; many providers close port 25.`,
    greeting:
      `Port ${port} is open, but what answers there does not speak as expected. For TLS from the first byte ` +
      `(mostly port 465) ${setting} begins with smtps://, otherwise with smtp://.`,
    encryption: server.implicit
      ? `Write ${setting} with smtp:// (mostly port 587) if the server begins in the clear and offers STARTTLS.`
      : `Switch STARTTLS on in the mail server, or write ${setting} with smtps:// and port 465.`,
    certificate:
      `Write the name that is in the server's certificate into ${setting}, or give the server a certificate ` +
      `for ${host} from an authority that this machine trusts (NODE_EXTRA_CA_CERTS names a file with more of them).`,
    authentication:
      `Correct the user name and the password in ${setting}. Many providers want an app password here; ` +
      `a %, @, /, ? or # in it is written %25, %40, %2F, %3F or %23.`,
    sender: `Set HOUSEKEY_MAIL_FROM to an address that this account may send from; now it is ${from}.`,
    recipient: "See whether the address is right, and whether this server passes mail on to other servers.",
    letter: "The server's own words say why; spam filters and size limits refuse at this point.",
  };
  return words[stage];
}

/** What nodemailer calls a logger; it tells who spoke. */
function listener(hear: (who: "C" | "S", line: string) => void): object {
  const entry = (meta: { readonly tnx?: string }, text: unknown) => {
    const who = { client: "C", server: "S" }[meta.tnx ?? ""];
    if (who === "C" || who === "S")
      for (const line of String(text).split(/\r?\n/)) if (line !== "") hear(who, oneLine(line).slice(0, 500));
  };
  const quiet = () => {};
  return { trace: quiet, debug: entry, info: quiet, warn: quiet, error: quiet, fatal: quiet };
}

const hide = (line: string, secrets: readonly string[]): string => {
  let shown = line;
  for (const secret of secrets) shown = shown.replaceAll(secret, "…");
  return shown;
};
