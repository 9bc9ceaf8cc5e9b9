/** A provider that does as it is told: honest until a test makes it lie. */
import { createHash, randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from "jose";

export type Said = Record<string, unknown>;

/** Every answer can be made another one. */
export interface Lies {
  description?: (honest: Said) => unknown;
  keys?: (honest: { keys: JWK[] }) => unknown;
  claims?: (honest: Said) => Said;
  header?: (honest: JWTHeaderParameters) => JWTHeaderParameters;

  /** In place of signing. */
  token?: (header: Said, claims: Said) => string | Promise<string>;

  answer?: (honest: Said) => unknown;
  userinfo?: (honest: Said) => unknown;

  /** Before anything else; undefined: as usual. */
  serve?: (path: string, request: Request) => Response | undefined | Promise<Response | undefined>;
}

export interface Person {
  readonly sub: string;
  readonly email?: unknown;
  readonly email_verified?: unknown;
  readonly name?: string;
  readonly preferred_username?: string;
}

export const grace: Person = {
  sub: "248289761001",
  email: "grace@example.com",
  email_verified: true,
  name: "Grace Hopper",
  preferred_username: "Grace",
};

export const client = { id: "housekey", secret: "a secret of many characters" };

const pairs = new Map<string, Awaited<ReturnType<typeof generateKeyPair>>>();

/** A key takes a while to make, so each name has one for the whole process. */
export async function keyNamed(kid: string, alg = "RS256") {
  const known = pairs.get(kid) ?? (await generateKeyPair(alg, { extractable: true }));
  pairs.set(kid, known);
  return { ...known, jwk: { ...(await exportJWK(known.publicKey)), kid, alg, use: "sig" } };
}

interface Granted {
  readonly asked: URLSearchParams;
  readonly person: Person;
}

export async function startProvider({ now, person = grace }: { now: () => Date; person?: Person }) {
  const codes = new Map<string, Granted>();
  const tokens = new Map<string, Person>();
  const asked: string[] = [];
  const lies: Lies = {};
  const state = { person, kid: "first", alg: "RS256" };

  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 60, fetch: answer });
  const issuer = `http://127.0.0.1:${server.port}`;

  async function answer(request: Request): Promise<Response> {
    const { pathname: path } = new URL(request.url);
    asked.push(`${request.method} ${path}`);
    const other = await lies.serve?.(path, request);
    if (other) return other;
    if (path === "/.well-known/openid-configuration") return json(said(lies.description, description()));
    if (path === "/keys")
      return json(said(lies.keys, { keys: [(await keyNamed(state.kid, state.alg)).jwk] }));
    if (path === "/token") return exchange(new URLSearchParams(await request.text()), request);
    if (path === "/userinfo") {
      const whose = tokens.get(request.headers.get("authorization")?.replace("Bearer ", "") ?? "");
      return whose ? json(said(lies.userinfo, { ...whose })) : json({ error: "invalid_token" }, 401);
    }
    return json({ error: "nowhere" }, 404);
  }

  const description = (): Said => ({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/keys`,
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256", "ES256", "EdDSA", "HS256", "none"],
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
  });

  function isOurs(form: URLSearchParams, request: Request): boolean {
    const basic = request.headers.get("authorization")?.replace("Basic ", "");
    if (basic === undefined) return form.get("client_id") === client.id && form.get("client_secret") === null;
    const [id = "", secret = ""] = Buffer.from(basic, "base64")
      .toString()
      .split(":")
      .map((one) => one.replaceAll("+", " "));
    return decodeURIComponent(id) === client.id && decodeURIComponent(secret) === client.secret;
  }

  async function exchange(form: URLSearchParams, request: Request): Promise<Response> {
    if (!isOurs(form, request)) {
      // As RFC 6749 §5.2 has it where the header was used.
      const basic = { "www-authenticate": "Basic" };
      return Response.json({ error: "invalid_client" }, { status: 401, headers: basic });
    }
    const granted = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (granted?.asked.get("code_challenge") !== challenge) return json({ error: "invalid_grant" }, 400);
    if (form.get("redirect_uri") !== granted.asked.get("redirect_uri"))
      return json({ error: "invalid_grant" }, 400);
    const access = randomBytes(16).toString("hex");
    tokens.set(access, granted.person);
    const id_token = await idToken(granted.person, { nonce: granted.asked.get("nonce") });
    return json(said(lies.answer, { access_token: access, token_type: "Bearer", expires_in: 60, id_token }));
  }

  async function idToken(whose: Person, more: Said = {}): Promise<string> {
    const at = Math.floor(now().getTime() / 1000);
    const honest = { iss: issuer, aud: client.id, iat: at, exp: at + 300, ...whose, ...more };
    const claims = lies.claims?.(honest) ?? honest;
    const { privateKey } = await keyNamed(state.kid, state.alg);
    const plain: JWTHeaderParameters = { alg: state.alg, kid: state.kid };
    const header = lies.header?.(plain) ?? plain;
    return lies.token
      ? lies.token(header, claims)
      : new SignJWT(claims).setProtectedHeader(header).sign(privateKey);
  }

  return {
    issuer,
    lies,
    state,
    asked,
    idToken,

    /** What the provider's own sign-in page would do: answers the path the browser is sent back to. */
    authorize(url: string, whose: Person = state.person): string {
      const { searchParams: wanted } = new URL(url);
      const code = randomBytes(16).toString("hex");
      codes.set(code, { asked: wanted, person: whose });
      const back = new URL(wanted.get("redirect_uri") ?? "");
      back.searchParams.set("code", code);
      back.searchParams.set("state", wanted.get("state") ?? "");
      back.searchParams.set("iss", issuer);
      return back.pathname + back.search;
    },

    /** Stops answering at all. */
    stop: () => server.stop(true),

    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
}

export type Provider = Awaited<ReturnType<typeof startProvider>>;

const said = <T>(lie: ((honest: T) => unknown) | undefined, honest: T): unknown =>
  lie ? lie(honest) : honest;

const json = (value: unknown, status = 200): Response =>
  typeof value === "string"
    ? new Response(value, { status })
    : Response.json(value, { status, headers: { "cache-control": "no-store" } });

/** base64url of JSON, as tokens are made of. */
export const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
