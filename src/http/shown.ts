/** What a request to another application shows to say whose it is. The header beats the cookie and never falls back to it. */
import type { Shown } from "../identity/forward.ts";
import { cookieValues } from "./cookie.ts";
import { bearerIn, isSessionToken } from "./credential.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });
const nothing: Shown = { by: "nothing" };
const nonsense: Shown = { by: "nonsense" };

export function shownIn({ headers }: Request, cookieName: string): Shown {
  const header = headers.get("authorization");
  if (header !== null) return shownBy(header);
  const values = new Set(cookieValues(headers.get("cookie"), cookieName));
  if (values.size === 0) return nothing;
  const [token = ""] = values;
  // Of two, nobody can say which one the person knows of.
  return values.size === 1 && isSessionToken(token) ? { by: "cookie", token } : nonsense;
}

function shownBy(header: string): Shown {
  const token = bearerIn(header);
  if (token !== null) return { by: "bearer", token };
  const [, coded] = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(header) ?? [];
  return coded === undefined ? nonsense : pairIn(coded);
}

/** User name and password (RFC 7617 §2), in UTF-8; only the one text that encodes them. */
function pairIn(coded: string): Shown {
  const bytes = Buffer.from(coded, "base64");
  if (bytes.toString("base64") !== coded) return nonsense;
  let pair: string;
  try {
    pair = utf8.decode(bytes);
  } catch {
    return nonsense;
  }
  const cut = pair.indexOf(":");
  return cut === -1 ? nonsense : { by: "basic", name: pair.slice(0, cut), key: pair.slice(cut + 1) };
}
