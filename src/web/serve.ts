/** The pages a person sees, and their assets. They reach the house by HTTP alone, like any other client. */
import { type Context, Elysia } from "elysia";
import { embedPages } from "./embed.macro.ts" with { type: "macro" };
import type { PageFile } from "./embed.macro.ts";

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

const files = embedPages();

/** Whoever opens the house itself is at home in their account. */
const home = "/account";

export const pages = () => {
  const app = new Elysia({ name: "pages" });
  for (const file of files) {
    const answer = answerWith(file);
    app.get(file.path, answer).head(file.path, answer);
    if (file.path === home) app.get("/", answer).head("/", answer);
  }
  return app;
};

type Asked = Pick<Context, "request" | "set">;

function answerWith({ path, type, text, coded }: PageFile) {
  let served: { readonly plain: Uint8Array; readonly headers: { readonly etag: string } } | undefined;
  /** With the first request for it: a start has thirty files, and nobody has asked for one yet. */
  function serve() {
    const plain = new TextEncoder().encode(text);
    // Weak: the same tag for the plain and the compressed bytes.
    const etag = `W/"${Bun.hash(plain).toString(36)}"`;
    const headers = path.startsWith("/assets/") ? assetHeaders : pageHeaders;
    return { plain, headers: { ...headers, etag, vary: "Accept-Encoding" } };
  }

  return ({ request, set }: Asked): Uint8Array | string => {
    served ??= serve();
    const { plain, headers } = served;
    Object.assign(set.headers, headers);
    if (names(request.headers.get("if-none-match"), headers.etag)) {
      set.status = 304;
      return "";
    }
    set.headers["content-type"] = type;
    let body: Uint8Array = plain;
    const coding = codingFor(request.headers.get("accept-encoding"), coded);
    if (coding) {
      set.headers["content-encoding"] = coding.name;
      body = Buffer.from(coding.text, "base64");
    }
    if (request.method !== "HEAD") return body;
    set.headers["content-length"] = String(body.byteLength);
    return "";
  };
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
  coded: PageFile["coded"],
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
