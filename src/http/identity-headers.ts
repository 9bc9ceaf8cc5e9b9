/** The headers by which an application behind a proxy learns who is there. */
import type { Told } from "../identity/forward.ts";

const longest = 200;

/**
 * All four, always: a proxy copies what is there, and an absent one would leave in place what a client made up.
 *
 * A name goes out in UTF-8, as applications that know such headers from other houses expect it; control characters,
 * line breaks among them, become spaces. The other three are ASCII by their form.
 */
export function identityHeaders({ user, name, email, groups }: Told): Record<string, string> {
  return {
    "remote-user": plain(user),
    "remote-name": plain(name),
    "remote-email": plain(email),
    "remote-groups": plain(groups),
  };
}

/** Nothing to mend: most names are so. */
const isSimple = (text: string): boolean =>
  /^[!-~]*$/.test(text) || (text.length <= longest && /^[!-~]+(?: [!-~]+)*$/.test(text));

/** The runtime writes a character a byte. */
function plain(text: string): string {
  if (isSimple(text)) return text;
  const clean = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
  return Buffer.from(clean.slice(0, longest).toWellFormed(), "utf8").toString("latin1");
}
