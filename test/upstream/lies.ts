/** Everything a provider could get wrong in one sign-in, on purpose or not. */
import { createHmac } from "node:crypto";
import { exportSPKI, SignJWT } from "jose";
import { keyNamed, type Lies, part } from "./provider.ts";

export interface Lie {
  readonly lies: Lies;

  /** In the audit. */
  readonly reason: RegExp;

  readonly code?: "UPSTREAM_DENIED" | "UPSTREAM_UNAVAILABLE";
}

const claims = (change: object, reason: RegExp): Lie => ({
  lies: { claims: (honest) => ({ ...honest, ...change }) },
  reason,
});

const without = (name: string, reason: RegExp): Lie => ({
  lies: { claims: ({ [name]: _, ...honest }) => honest },
  reason,
});

async function withPublicKey(header: object, payload: object): Promise<string> {
  const { publicKey } = await keyNamed("first");
  const head = part({ ...header, alg: "HS256" });
  const mac = createHmac("sha256", await exportSPKI(publicKey));
  return `${head}.${part(payload)}.${mac.update(`${head}.${part(payload)}`).digest("base64url")}`;
}

const signedBy =
  (kid: string): NonNullable<Lies["token"]> =>
  async (header, payload) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: "RS256", ...header })
      .sign((await keyNamed(kid)).privateKey);

const elsewhere = "https://evil.example";
const trickle = () =>
  new Response(
    new ReadableStream({
      async pull(controller) {
        controller.enqueue(new TextEncoder().encode(" "));
        await Bun.sleep(50);
      },
    }),
  );

export const lies: Readonly<Record<string, Lie>> = {
  "an ID token of another issuer": claims({ iss: elsewhere }, /iss/),
  "an ID token whose issuer has a slash more": claims({ iss: "http://127.0.0.1/" }, /iss/),
  "an ID token for another client": claims({ aud: "another" }, /aud/),
  "an ID token for two clients": claims({ aud: ["housekey", "another"] }, /untrusted audiences/),
  "an ID token for another authorized party": claims({ azp: "another" }, /azp|another client/),
  "an ID token about nobody": without("sub", /sub/),
  "an ID token about an empty name": claims({ sub: "" }, /names nobody|sub/),
  "an ID token about a number": claims({ sub: 5 }, /names nobody|sub/),
  "an ID token about a name without end": claims({ sub: "x".repeat(256) }, /names nobody/),
  "an ID token that does not say when it was made": without("iat", /iat/),
  "an ID token that says in words when it was made": claims({ iat: "yesterday" }, /iat/),
  "an ID token from the future": claims({ iat: 4_000_000_000 }, /made in the future/),
  "an ID token without an end": without("exp", /exp/),
  "an ID token that is over": claims({ exp: 1_500_000_000 }, /exp/),
  "an ID token that is not good yet": claims({ nbf: 4_000_000_000 }, /nbf/),
  "an ID token of another sign-in": claims({ nonce: "another" }, /nonce/),
  "an ID token without a nonce": without("nonce", /nonce/),
  "no ID token": { lies: { answer: ({ id_token: _, ...honest }) => honest }, reason: /id_token/ },
  "an ID token that is none": { lies: { token: () => "abc" }, reason: /./ },
  "an unsigned ID token": {
    lies: { token: (_, payload) => `${part({ alg: "none" })}.${part(payload)}.` },
    reason: /"alg"/,
  },
  "an ID token that is signed with the public key as a secret": {
    lies: { token: withPublicKey },
    reason: /"alg"/,
  },
  "an ID token with a broken signature": {
    lies: { token: async (h, p) => (await signedBy("first")(h, p)).replace(/.{8}$/, "AAAAAAAA") },
    reason: /signature/,
  },
  "an ID token that somebody else signed under the right name": {
    lies: { token: signedBy("second") },
    reason: /signature/,
  },
  "an ID token with a key that nobody publishes": {
    lies: { header: (honest) => ({ ...honest, kid: "unknown" }), token: signedBy("second") },
    reason: /key the provider does not publish/,
  },
  "an access token in place of an ID token": {
    lies: { header: (honest) => ({ ...honest, typ: "at+jwt" }) },
    reason: /another kind/,
  },
  "an ID token with a header that must be understood": {
    lies: { token: (header, payload) => signedBy("first")({ ...header, crit: ["b64"], b64: true }, payload) },
    reason: /crit/,
  },
  "userinfo about somebody else": {
    lies: {
      claims: ({ email: _, ...honest }) => honest,
      userinfo: (honest) => ({ ...honest, sub: "another" }),
    },
    reason: /sub/,
  },
  "a token endpoint that is broken": {
    lies: { serve: (path) => (path === "/token" ? new Response("oops", { status: 500 }) : undefined) },
    reason: /./,
    code: "UPSTREAM_UNAVAILABLE",
  },
  "a token endpoint that answers HTML": {
    lies: { serve: (path) => (path === "/token" ? new Response("<html>") : undefined) },
    reason: /./,
    code: "UPSTREAM_UNAVAILABLE",
  },
  "a token endpoint that never ends": {
    lies: { serve: (path) => (path === "/token" ? trickle() : undefined) },
    reason: /did not answer in time/,
    code: "UPSTREAM_UNAVAILABLE",
  },
  "a token endpoint that says nothing": {
    lies: { serve: (path) => (path === "/token" ? new Promise<Response>(() => {}) : undefined) },
    reason: /did not answer in time/,
    code: "UPSTREAM_UNAVAILABLE",
  },
  "a token endpoint that answers without end": {
    lies: { serve: (path) => (path === "/token" ? new Response("x".repeat(300_000)) : undefined) },
    reason: /more than 256 KiB/,
    code: "UPSTREAM_UNAVAILABLE",
  },
  "a token endpoint that redirects to itself": {
    lies: { serve: (path) => (path === "/token" ? Response.redirect("/token", 307) : undefined) },
    reason: /redirects are not followed/,
    code: "UPSTREAM_UNAVAILABLE",
  },
  "a token endpoint that redirects to where clouds keep their keys": {
    lies: {
      serve: (path) =>
        path === "/token" ? Response.redirect("http://169.254.169.254/latest/", 307) : undefined,
    },
    reason: /redirects to 169\.254\.169\.254/,
    code: "UPSTREAM_UNAVAILABLE",
  },
  "userinfo that redirects to another host": {
    lies: {
      claims: ({ email: _, ...honest }) => honest,
      serve: (path) => (path === "/userinfo" ? Response.redirect(elsewhere) : undefined),
    },
    reason: /redirects to evil\.example/,
    code: "UPSTREAM_UNAVAILABLE",
  },
  "a provider that no longer knows this house": {
    lies: {
      serve: (path) =>
        path === "/token" ? Response.json({ error: "invalid_client" }, { status: 401 }) : undefined,
    },
    reason: /client id or secret is wrong/,
    code: "UPSTREAM_UNAVAILABLE",
  },
};
