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
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** An asset's name changes with its content. */
const assetHeaders = {
  "cache-control": "public, max-age=31536000, immutable",
  "x-content-type-options": "nosniff",
};

const files = embedPages();

export const pages = () => {
  const app = new Elysia({ name: "pages" });
  for (const file of files) {
    const answer = answerWith(file);
    app.get(file.path, answer).head(file.path, answer);
  }
  return app;
};

type Asked = Pick<Context, "request" | "set">;

function answerWith({ path, type, text }: PageFile) {
  const plain = new TextEncoder().encode(text);
  // Weak: the same tag for the plain and the compressed bytes.
  const etag = `W/"${Bun.hash(plain).toString(36)}"`;
  const headers = {
    ...(path.startsWith("/assets/") ? assetHeaders : pageHeaders),
    etag,
    vary: "Accept-Encoding",
  };
  let zipped: Uint8Array<ArrayBuffer> | undefined;

  return ({ request, set }: Asked): Uint8Array | string => {
    Object.assign(set.headers, headers);
    if (names(request.headers.get("if-none-match"), etag)) {
      set.status = 304;
      return "";
    }
    set.headers["content-type"] = type;
    let body = plain;
    if (takesGzip(request.headers.get("accept-encoding"))) {
      zipped ??= Bun.gzipSync(plain, { level: 9 });
      set.headers["content-encoding"] = "gzip";
      body = zipped;
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

/** RFC 9110 §12.5.3; `*` is left aside, for whoever names nothing can do with the plain bytes. */
function takesGzip(acceptEncoding: string | null): boolean {
  return (acceptEncoding ?? "").split(",").some((coding) => {
    const [name = "", weight = "q=1"] = coding.split(";").map((part) => part.trim().toLowerCase());
    return name === "gzip" && Number(weight.replace(/^q=/, "")) > 0;
  });
}
