/** The certificate that the house shows by itself: its names, its dates, and whether the key is its own. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { Step } from "../identity/doctor.ts";
import { type Address, ill, well } from "./patient.ts";

const name = "certificate";
const dayMs = 86_400_000;
const soonDays = 14;

interface Files {
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

export function examineCertificate({ url }: Address, { cert, key }: Files, now: Date): Step {
  if (cert === undefined || key === undefined)
    return url.protocol === "https:"
      ? well(name, "a proxy's, for the house does not serve https itself; see it with --url")
      : well(name, "none, for the address is plain http");
  try {
    const own = new X509Certificate(readFileSync(cert));
    if (!own.checkPrivateKey(createPrivateKey(readFileSync(key))))
      return ill(
        name,
        `${key} is not the key of ${cert}`,
        "Put the two that belong together in their places.",
      );
    return judge(own, url.hostname, cert, now);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return ill(
      name,
      `${cert} and ${key} cannot be read as a certificate and its key: ${reason}`,
      "Put a PEM certificate with its chain in the first and its PEM key in the second, readable by the house's user.",
    );
  }
}

/** Names and dates of a certificate that is shown for `hostname`. */
export function judge(own: X509Certificate, hostname: string, where: string, now: Date): Step {
  const bare = hostname.replace(/^\[|\]$/g, "");
  const [from, to] = [new Date(own.validFrom), new Date(own.validTo)];
  // Asking for a name as if it were an address throws.
  if ((isIP(bare) === 0 ? own.checkHost(bare) : own.checkIP(bare)) === undefined)
    return ill(
      name,
      `${where} is for ${own.subjectAltName ?? "no name at all"}, and not for ${bare}: browsers warn everybody away`,
      `Get one for ${bare}, or set HOUSEKEY_URL to a name that is in it.`,
    );
  if (from > now) return ill(name, `${where} is good from ${day(from)} only`, "Set the clock, or wait.");
  const left = Math.floor((to.getTime() - now.getTime()) / dayMs);
  if (left < soonDays)
    return ill(
      name,
      `${where} ${left < 0 ? "ran out" : "runs out"} on ${day(to)}; from then on browsers warn everybody away`,
      "Renew it (certbot renew, acme.sh --renew, your NAS's own page). New files in the same place are taken up at once.",
    );
  return well(name, `for ${bare}, good until ${day(to)}`);
}

const day = (at: Date): string => at.toISOString().slice(0, 10);
