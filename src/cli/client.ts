/**
 * A running house, spoken to over HTTP like any other client does: nothing here knows how it works inside.
 *
 * A session token goes to the one origin it came from, and nowhere else: redirects are not followed.
 */
import { Failure } from "../host/failure.ts";
import { sentence } from "./wording.ts";

export interface House {
  /** `https://auth.example.org`, without anything behind. */
  readonly server: string;

  /** Of a session; null before there is one. */
  readonly token: string | null;
}

/** The house said no, in its own words. */
export class Refused extends Failure {
  readonly status: number;

  /** What a program goes by: `FRESH_LOGIN_REQUIRED`. */
  readonly code: string;

  /** The fields that were wrong. */
  readonly fields: readonly string[];

  /** Seconds to wait before asking again; null when it did not say. */
  readonly retryAfter: number | null;

  constructor({ status, headers }: Response, answer: unknown) {
    super(wordsOf(answer) ?? `the house answers ${status}`);
    const details = field(answer, "error", "details");
    this.status = status;
    this.code = String(field(answer, "error", "code") ?? "");
    this.fields = Array.isArray(details) ? details.map((detail) => String(field(detail, "path"))) : [];
    const wait = headers.get("retry-after");
    this.retryAfter = wait !== null && /^\d{1,6}$/.test(wait) ? Number(wait) : null;
  }
}

/** What the house says is wrong; of a wrong field, what is wrong with that. */
function wordsOf(answer: unknown): string | null {
  const message = field(answer, "error", "message");
  if (typeof message !== "string") return null;
  const details = field(answer, "error", "details");
  const [first] =
    Array.isArray(details) && field(answer, "error", "code") === "INVALID_REQUEST" ? details : [];
  const [path, wrong] = [field(first, "path"), field(first, "message")];
  if (typeof wrong !== "string") return sentence(plain(message));
  return sentence(plain(typeof path === "string" && path !== "" ? `${path}: ${wrong}` : wrong));
}

/** Nobody answered, or not in time: asking again may help. */
export class Unreachable extends Failure {}

const patience = 15_000;

/** The JSON of a success; null where there is none. Throws `Refused`, `Unreachable`, or `Failure` for what is no house. */
export async function ask(house: House, method: string, path: string, body?: object): Promise<unknown> {
  const response = await send(house, method, path, body);
  const answer = await json(house, response);
  if (response.ok) return answer;
  throw new Refused(response, answer);
}

async function send(
  { server, token }: House,
  method: string,
  path: string,
  body?: object,
): Promise<Response> {
  try {
    return await fetch(server + path, {
      method,
      redirect: "manual",
      signal: AbortSignal.timeout(patience),
      headers: {
        accept: "application/json",
        "user-agent": "housekey",
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  } catch (error) {
    const late = error instanceof Error && error.name === "TimeoutError";
    throw new Unreachable(`${server} cannot be reached`, late ? new Error("no answer in time") : error);
  }
}

async function json({ server }: House, response: Response): Promise<unknown> {
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch {
    throw new Failure(`${server} does not answer like a house (${response.status})`);
  }
}

/** What lies at `path` in an answer; undefined when nothing does. */
export function field(answer: unknown, ...path: string[]): unknown {
  let value = answer;
  for (const name of path)
    value =
      typeof value === "object" && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined;
  return value;
}

/** The text at `path`. Throws `Failure` when there is none: this is not the house it was thought to be. */
export function text(answer: unknown, ...path: string[]): string {
  const value = field(answer, ...path);
  if (typeof value === "string") return plain(value);
  throw new Failure(`the house answers without ${path.at(-1)}`);
}

/** Without what a terminal would act on: nobody at the other end shall move the cursor. */
export const plain = (text: string): string => text.replace(/\p{C}/gu, "");
