/** Reads request bodies: JSON objects of at most 64 KiB, and nothing else. */
import { Refusal } from "../identity/refusal.ts";

const mostBytes = 65_536;
const mostDepth = 32;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The body as an object without nulls, which count as absent. No body and no content type is `{}`.
 *
 * Refuses: `BODY_TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE`, `INVALID_REQUEST`.
 */
export async function readBody(request: Request): Promise<Record<string, unknown>> {
  if (Number(request.headers.get("content-length") ?? 0) > mostBytes) throw new Refusal("BODY_TOO_LARGE");
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > mostBytes) throw new Refusal("BODY_TOO_LARGE");
  const type = request.headers.get("content-type");
  if (type === null && bytes.byteLength === 0) return {};
  if (!isJson(type)) throw new Refusal("UNSUPPORTED_MEDIA_TYPE");
  const value = parse(bytes);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw malformed("Send a JSON object.");
  const nulls = Object.entries(value).filter(([, item]) => item === null);
  if (nulls.length > 0) saidNull.set(request, new Set(nulls.map(([name]) => name)));
  return withoutNulls(value as Record<string, unknown>, 1) as Record<string, unknown>;
}

const saidNull = new WeakMap<Request, ReadonlySet<string>>();

/** Whether the body says null for a field; for the few where that is not the same as leaving it out. */
export const isNull = (request: Request, field: string): boolean =>
  saidNull.get(request)?.has(field) ?? false;

function isJson(type: string | null): boolean {
  const [essence = "", ...parameters] = (type ?? "").split(";").map((part) => part.trim().toLowerCase());
  return (
    essence === "application/json" && parameters.every((one) => one === "" || /^charset="?utf-8"?$/.test(one))
  );
}

function parse(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw malformed("The body is not JSON.");
  }
}

/** Also leaves behind what every object has anyway: a field of ours is never called `__proto__` or `toString`. */
function withoutNulls(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > mostDepth) throw malformed("The body is nested too deeply.");
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, depth + 1));
  const kept: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value))
    if (item !== null && !(name in Object.prototype)) kept[name] = withoutNulls(item, depth + 1);
  return kept;
}

const malformed = (message: string): Refusal =>
  new Refusal("INVALID_REQUEST", { details: [{ path: "", message }] });

/** For what nobody should set off by accident: a route that wants at least `{}`. Refuses: `INVALID_REQUEST`. */
export function requireBody({ request }: { request: Request }): void {
  if (request.headers.get("content-type") === null) throw malformed("Send at least {}.");
}
