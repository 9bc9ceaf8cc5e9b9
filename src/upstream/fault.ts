/** Why a provider could not be asked or believed, in one sentence for whoever set it up. */
import { UpstreamFault } from "../identity/upstream.ts";

interface Meaning {
  readonly says: string;
  readonly fix: string;
}

const untrusted =
  "Give the provider a certificate that is trusted here, or name its authority in NODE_EXTRA_CA_CERTS.";

const meanings: readonly (readonly [RegExp, Meaning])[] = [
  [
    /ALTNAME|HOSTNAME_MISMATCH/,
    {
      says: "shows a certificate for another name",
      fix: "Use the name the certificate is made for, or have it made for this one.",
    },
  ],
  [
    /CERT_HAS_EXPIRED/,
    { says: "shows a certificate that has expired", fix: "Renew the provider's certificate." },
  ],
  [
    /CERT_NOT_YET_VALID/,
    { says: "shows a certificate that is not valid yet", fix: "Set the clock of this machine." },
  ],
  [/CERT|ISSUER|SIGNATURE|CHAIN/, { says: "shows a certificate that is not trusted", fix: untrusted }],
  [
    /TimeoutError|ABORT|TIMEOUT/i,
    { says: "did not answer in time", fix: "See whether the provider is well." },
  ],
  [
    /ENOTFOUND|DNS|EAI_|FailedToOpenSocket/i,
    { says: "cannot be found", fix: "Check the name, and that this machine can resolve it." },
  ],
  [
    /ECONNREFUSED|ConnectionRefused|Unable to connect/i,
    { says: "refuses the connection", fix: "See whether the provider runs, and on this port." },
  ],
  [
    /TLS|SSL|WRONG_VERSION/,
    {
      says: "does not speak TLS as it should",
      fix: "See whether the address should begin with http:// instead.",
    },
  ],
];

/** `host` could not be asked: no connection, no trust, no time. */
export function connectionFault(host: string, error: unknown): UpstreamFault {
  const { name = "", message = "" } = error as Partial<Error>;
  const code = String((error as { code?: unknown }).code ?? "");
  const found = meanings.find(([sign]) => sign.test(code) || sign.test(name) || sign.test(message));
  const { says, fix } = found?.[1] ?? {
    says: "broke the connection off",
    fix: "See whether the provider is well.",
  };
  return new UpstreamFault("unavailable", `${host} ${says}.`, { fix, cause: error });
}

/** A claim of theirs in a sentence of ours: one line, not long. */
export const quoted = (text: unknown): string =>
  String(text)
    .replace(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, 120);

export const denied = (words: string, cause?: unknown): UpstreamFault =>
  new UpstreamFault("denied", words, { cause });
