/** What an endpoint can answer: its successes as its surface tells them, its refusals mostly by derivation. */
import { type Detail, Refusal, type RefusalCode } from "../identity/refusal.ts";
import type { Needs } from "./guard.ts";
import { isSessionCheck, limitRow } from "./limits.ts";
import { exampleOf, type Schema, type Schemas } from "./openapi-schema.ts";
import { type ErrorBody, wordFault, wordRefusal } from "./refusal.ts";

/** What a surface says about an endpoint of its. */
export interface Endpoint {
  /** One of the surface's tags. */
  readonly tag: string;

  readonly summary: string;
  readonly description?: string;

  /** What the route asks of its caller; absent where anybody may ask. */
  readonly who?: Who;

  /** A body that is fine. */
  readonly request?: object;

  /** Of the path and the query, by name. */
  readonly parameters?: Readonly<Record<string, Parameter>>;

  /** Headers it goes by, beyond what every endpoint does. */
  readonly headers?: Readonly<Record<string, Parameter>>;

  readonly answers: readonly Success[];

  /** What it refuses for reasons of its own, beyond what `refusalsOf` derives. */
  readonly refuses?: readonly RefusalCode[];
}

export interface Who extends Needs {
  /** It takes API keys, and the JWTs they were exchanged for; or an API key and nothing else. */
  readonly key?: true | "only";

  /** It takes an API key as the password of HTTP Basic, too. */
  readonly basic?: true;
}

export interface Parameter {
  readonly description: string;
  readonly example: string;
}

export interface Success {
  readonly status: number;
  readonly description: string;

  /** Absent: an answer without a body. */
  readonly schema?: Schema;

  /** JSON unless told. */
  readonly type?: string;

  readonly setsCookies?: true;
}

const isUnsafe = (method: string): boolean => method !== "GET";

const isCounted = (method: string, path: string): boolean =>
  limitRow(method, path) !== null || isSessionCheck(method, path);

export interface Asked {
  readonly method: string;
  readonly path: string;

  /** The fields that its body has to have; null where it takes none. */
  readonly body: readonly string[] | null;
}

/** Every code the endpoint can refuse with, `INTERNAL` aside, in the order of the alphabet. */
function refusalsOf({ method, path }: Asked, { who, refuses = [] }: Endpoint): RefusalCode[] {
  // A Host header that is none is refused wherever it is sent.
  const codes = new Set<RefusalCode>(["INVALID_REQUEST", ...refuses]);
  if (isCounted(method, path)) codes.add("RATE_LIMITED").add("STORE_UNAVAILABLE");
  if (isUnsafe(method)) {
    // A body is read before the route is asked whether it wants one.
    codes.add("BODY_TOO_LARGE").add("UNSUPPORTED_MEDIA_TYPE");
    if ((who && who.key !== "only") || path.startsWith("/auth/")) codes.add("ORIGIN_NOT_ALLOWED");
  }
  if (who) codes.add("UNAUTHENTICATED");
  if (who && !who.key) codes.add("API_KEY_NOT_ALLOWED");
  if (who?.permission) codes.add("FORBIDDEN");
  if (who?.fresh) codes.add("FRESH_LOGIN_REQUIRED");
  return [...codes].sort();
}

interface Refused {
  readonly status: number;
  readonly body: ErrorBody;
}

const notOneHost = { path: "Host", message: "This is not one host." };

/** The endpoint's refusals as they read on the wire. */
function wordedRefusals(asked: Asked, endpoint: Endpoint): Refused[] {
  const { path, body } = asked;
  const wrongField = body?.[0] === undefined ? notOneHost : { path: body[0], message: "This is required." };
  const worded = refusalsOf(asked, endpoint).map((code) => {
    const details = detailsOf(code, wrongField, body);
    return wordRefusal(new Refusal(code, { signedIn: endpoint.who !== undefined, ...details }), path);
  });
  return [...worded, wordFault("3f9c0a71d2e4-1k")];
}

function detailsOf(code: RefusalCode, wrongField: Detail, body: Asked["body"]): { details?: Detail[] } {
  if (code === "INVALID_REQUEST") return { details: [wrongField] };
  // Where a body names an origin, that is the one which is not allowed.
  if (code === "ORIGIN_NOT_ALLOWED" && body?.includes("origin"))
    return { details: [{ path: "origin", message: "This is none of the house's own origins." }] };
  return {};
}

const header = (name: string) => ({ $ref: `#/components/headers/${name}` });
const limits = {
  "RateLimit-Limit": header("RateLimit-Limit"),
  "RateLimit-Remaining": header("RateLimit-Remaining"),
  "RateLimit-Reset": header("RateLimit-Reset"),
};
const headersOf: Readonly<Record<number, object>> = {
  401: { "WWW-Authenticate": header("WWW-Authenticate") },
  429: { "Retry-After": header("Retry-After"), ...limits },
  503: { "Retry-After": header("Retry-After") },
};
const always = { "x-request-id": header("x-request-id") };

/** The `responses` of an operation, by status. */
export function responsesOf(asked: Asked, endpoint: Endpoint, schemas: Schemas): Record<string, object> {
  const responses: Record<string, object> = {};
  for (const success of endpoint.answers) responses[success.status] = successResponse(success, schemas);
  for (const [status, refused] of Map.groupBy(wordedRefusals(asked, endpoint), ({ status }) => status))
    responses[status] = refusedResponse(status, refused);
  return responses;
}

function successResponse({ description, schema, type, setsCookies }: Success, schemas: Schemas): object {
  const media = type ?? "application/json";
  return {
    description,
    headers: { ...always, ...(setsCookies && { "Set-Cookie": header("Set-Cookie") }) },
    ...(schema && { content: { [media]: { schema, example: exampleOf(schema, schemas) } } }),
  };
}

function refusedResponse(status: number, refused: readonly Refused[]): object {
  const errors = refused.map(({ body }) => body.error);
  const enumerated = { type: "string", enum: errors.map(({ code }) => code) };
  return {
    description: errors.map(({ code, message }) => `\`${code}\`: ${message}`).join(" "),
    headers: { ...always, ...headersOf[status] },
    content: {
      "application/json": {
        schema: {
          allOf: [
            { $ref: "#/components/schemas/Error" },
            {
              type: "object",
              properties: { error: { type: "object", properties: { code: enumerated } } },
            },
          ],
        },
        examples: Object.fromEntries(
          refused.map(({ body }) => [body.error.code, { summary: body.error.message, value: body }]),
        ),
      },
    },
  };
}
