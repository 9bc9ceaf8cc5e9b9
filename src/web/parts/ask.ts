/** How the pages speak to the house: JSON over HTTP, vouched for by the cookie. */

export interface Done<Body> {
  readonly ok: true;
  readonly body: Body;
}

export interface Refused {
  readonly ok: false;

  /** 0 when the house could not be reached. */
  readonly status: number;

  readonly code: string;

  /** A sentence for the person. */
  readonly message: string;

  readonly details: readonly { readonly path: string; readonly message: string }[];
}

export type Answer<Body> = Done<Body> | Refused;

type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** Never rejects: a house that cannot be reached is an answer, too. */
export async function ask<Body>(method: Method, path: string, body?: object): Promise<Answer<Body>> {
  const json = { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  try {
    const response = await fetch(path, { method, ...(body && json) });
    const text = await response.text();
    const said = text === "" ? null : JSON.parse(text);
    return response.ok ? { ok: true, body: said } : refused(response, said.error);
  } catch {
    return unreachable;
  }
}

const unreachable: Refused = {
  ok: false,
  status: 0,
  code: "UNREACHABLE",
  message: "The house does not answer. Check that Housekey is running, then try again.",
  details: [],
};

function refused(
  { status, headers }: Response,
  { code, message, details = [] }: Pick<Refused, "code" | "message"> & Partial<Pick<Refused, "details">>,
): Refused {
  return { ok: false, status, code, details, message: worded(code, message, details, headers) };
}

/** The wait and the number of a failure stand beside the server's sentence; here they belong into it. */
function worded(code: string, message: string, details: Refused["details"], headers: Headers): string {
  const wait = headers.get("retry-after");
  if (code === "RATE_LIMITED" && wait !== null)
    return `Too many tries. Try again in ${waitOf(Number(wait))}.`;
  if (code === "INTERNAL" && details[0]) return `${message} The log has more under ${details[0].message}.`;
  return message;
}

function waitOf(seconds: number): string {
  if (seconds <= 1) return "a second";
  return seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
