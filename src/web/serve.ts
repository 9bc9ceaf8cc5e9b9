/** The pages a person sees, and their assets. They reach the house by HTTP alone, like any other client. */
import { type Context, Elysia, NotFoundError } from "elysia";
import { embedPaths } from "./embed.macro.ts" with { type: "macro" };
import type { Served } from "./files.ts";

const pageHeaders = {
  "cache-control": "no-cache",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** An asset's name changes with its content. */
const assetHeaders = {
  "cache-control": "public, max-age=31536000, immutable",
  "x-content-type-options": "nosniff",
};

const paths = embedPaths();

/** Whoever opens the house itself is at home in their account. */
const home = "/account";

export const pages = () => {
  const app = new Elysia({ name: "pages" });
  for (const path of paths) {
    const answer = async ({ request, set }: Asked) => serve(path, pageHeaders, { request, set });
    app.get(path, answer).head(path, answer);
    if (path === home) app.get("/", answer).head("/", answer);
  }
  const asset = async ({ params, request, set }: Asked & { params: { name: string } }) =>
    serve(`/assets/${params.name}`, assetHeaders, { request, set });
  return app.get("/assets/:name", asset).head("/assets/:name", asset);
};

type Asked = Pick<Context, "request" | "set">;

async function serve(path: string, headers: Readonly<Record<string, string>>, { request, set }: Asked) {
  const { fileAt } = await import("./files.ts");
  const file = fileAt(path);
  if (!file) throw new NotFoundError();
  Object.assign(set.headers, headers, { etag: file.etag, vary: "Accept-Encoding" });
  if (names(request.headers.get("if-none-match"), file.etag)) {
    set.status = 304;
    return "";
  }
  set.headers["content-type"] = file.type;
  let body = file.plain;
  const coding = codingFor(request.headers.get("accept-encoding"), file.coded);
  if (coding) {
    set.headers["content-encoding"] = coding.name;
    body = Buffer.from(coding.text, "base64");
  }
  if (request.method !== "HEAD") return body;
  set.headers["content-length"] = String(body.byteLength);
  return "";
}

/** RFC 9110 §13.1.2: weak comparison, for which the mark does not count. */
function names(ifNoneMatch: string | null, etag: string): boolean {
  const bare = (tag: string) => tag.trim().replace(/^W\//, "");
  return (ifNoneMatch ?? "").split(",").some((tag) => tag.trim() === "*" || bare(tag) === bare(etag));
}

/**
 * RFC 9110 §12.5.3: the smallest of ours that the client takes, whatever it weighs them; null for the plain
 * bytes. `*` is left aside, for whoever names nothing can do with those.
 */
function codingFor(
  acceptEncoding: string | null,
  coded: Served["coded"],
): { name: string; text: string } | null {
  const taken = new Set(
    (acceptEncoding ?? "").split(",").flatMap((coding) => {
      const [name = "", weight = "q=1"] = coding.split(";").map((part) => part.trim().toLowerCase());
      return Number(weight.replace(/^q=/, "")) > 0 ? [name] : [];
    }),
  );
  for (const [name, text] of Object.entries(coded)) if (taken.has(name)) return { name, text };
  return null;
}
