/** How the pages speak to the house: JSON over HTTP, vouched for by the cookie. */

export interface Done<Body> {
  readonly ok: true;
  readonly body: Body;
}

export interface Detail {
  readonly path: string;
  readonly message: string;
}

export interface Refused {
  readonly ok: false;

  /** 0 when the house was not asked, or could not be reached. */
  readonly status: number;

  readonly code: string;

  /** The house's own sentence, in English; empty where the page has its own. */
  readonly message: string;

  readonly details: readonly Detail[];

  /** Seconds until asking again makes sense. */
  readonly wait: number | null;
}

export type Answer<Body> = Done<Body> | Refused;

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Never rejects: a house that cannot be reached is an answer, too. */
export async function ask<Body>(method: Method, path: string, body?: object): Promise<Answer<Body>> {
  const json = { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  try {
    const response = await fetch(path, { method, ...(body && json) });
    const text = await response.text();
    const said = text === "" ? null : JSON.parse(text);
    return response.ok ? { ok: true, body: said } : refused(response, said.error);
  } catch {
    return refusal("UNREACHABLE");
  }
}

/** What goes wrong before the house is asked, in the form of its refusals. */
export const refusal = (code: string, details: readonly Detail[] = []): Refused => ({
  ok: false,
  status: 0,
  code,
  message: "",
  details,
  wait: null,
});

function refused(
  { status, headers }: Response,
  { code, message, details = [] }: Pick<Refused, "code" | "message"> & Partial<Pick<Refused, "details">>,
): Refused {
  const wait = headers.get("retry-after");
  return { ok: false, status, code, message, details, wait: wait === null ? null : Number(wait) };
}
