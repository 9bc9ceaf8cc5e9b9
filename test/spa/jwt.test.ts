import { expect, test } from "bun:test";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { createLocalJWKSet, jwtVerify } from "jose";
import { publicKeys, rotateSigningKey } from "../../src/identity/signing-key.ts";
import { type Appliance, origin, startAppliance } from "../harness.ts";
import { api, decode, login, me } from "./tokens.ts";

async function withToken(work: (house: Appliance, token: string) => Promise<void>): Promise<void> {
  await using house = await startAppliance();
  await house.addUser("ada");
  await work(house, (await login(house)).body.access_token);
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

test("an access token says who, which session, from whom, for whom, and until when", () =>
  withToken(async (house, token) => {
    const { header, claims } = decode(token);
    const { keys } = (await house.get("/.well-known/jwks.json")).body;
    expect(header).toEqual({ alg: "RS256", typ: "at+jwt", kid: keys[0].kid });
    const now = house.core.clock().getTime() / 1000;
    expect(claims).toEqual({
      iss: origin,
      aud: origin,
      sub: expect.stringMatching(/^usr_/),
      sid: expect.stringMatching(/^ses_/),
      iat: now,
      exp: now + 86_400,
      jti: expect.any(String),
    });
    expect(Object.keys(keys[0]).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
  }));

test("every surface takes it, and its session is seen and ended from any other", () =>
  withToken(async (house, token) => {
    for (const path of [`${api}/me`, "/auth/sessions/current", "/auth/sessions", `${api}/sessions`])
      expect([path, (await house.get(path, { token })).status]).toEqual([path, 200]);
    const { body } = await house.get("/auth/sessions/current", { token });
    expect([body.session.kind, body.session.current]).toEqual(["spa", true]);
    const other = await house.post("/auth/local/login", { username: "ada", password: "analytical engine" });
    await house.delete(`/auth/sessions/${body.session.id}`, { token: other.body.token });
    expect(await me(house, token)).toBe(401);
  }));

test("it expires, and verifies with a library that did not sign it", () =>
  withToken(async (house, token) => {
    const jwks = createLocalJWKSet(await publicKeys(house.core));
    const { payload } = await jwtVerify(token, jwks, {
      issuer: origin,
      audience: origin,
      typ: "at+jwt",
      currentDate: house.core.clock(),
    });
    expect(payload.sid).toStartWith("ses_");
    house.advance(86_399);
    expect(await me(house, token)).toBe(200);
    house.advance(1);
    expect(await me(house, token)).toBe(401);
  }));

test("what is forged, stolen from elsewhere or bent is 401, whatever it claims", () =>
  withToken(async (house, token) => {
    expect(await me(house, token)).toBe(200);
    const { header, claims } = decode(token);
    const [head = "", body = "", signature = ""] = token.split(".");
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const { keys } = await publicKeys(house.core);
    const forge = (h: object, c: object): string => {
      const signed = `${part(h)}.${part(c)}`;
      return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), privateKey).toString("base64url")}`;
    };
    const hmac = (secret: string): string => {
      const signed = `${part({ ...header, alg: "HS256" })}.${body}`;
      return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
    };
    const jwk = publicKey.export({ format: "jwk" });
    const bad: Record<string, string> = {
      "another key": forge(header, claims),
      "another key in the header": forge({ ...header, jwk }, claims),
      "another key by address": forge(
        { ...header, jku: "http://127.0.0.1:1/jwks", x5u: "http://127.0.0.1:1" },
        claims,
      ),
      "an unknown kid": forge({ ...header, kid: "../../etc/passwd" }, claims),
      "a prototype as kid": forge({ ...header, kid: "__proto__" }, claims),
      "no kid": forge({ alg: "RS256", typ: "at+jwt" }, claims),
      "alg none": `${part({ ...header, alg: "none" })}.${body}.`,
      "alg none, signature kept": `${part({ ...header, alg: "none" })}.${body}.${signature}`,
      "HS256 with the public key": hmac(JSON.stringify(keys[0])),
      "HS256 with its modulus": hmac(String(keys[0]?.n)),
      "another typ": forge({ ...header, typ: "JWT" }, claims),
      "a bent claim": `${head}.${part({ ...claims, sub: "usr_root" })}.${signature}`,
      "a bent signature": `${head}.${body}.${signature.slice(0, -4)}AAAA`,
      "no signature": `${head}.${body}.`,
      padding: `${token}=`,
      "a fourth part": `${token}.x`,
      crit: forge({ ...header, crit: ["exp"] }, claims),
      dots: ".".repeat(3000),
      "a megabyte": `${head}.${"A".repeat(1_000_000)}.${signature}`,
      "a million dots": ".".repeat(1_000_000),
      "not json": `${Buffer.from("nope").toString("base64url")}.${body}.${signature}`,
      "deep json": `${head}.${Buffer.from("[".repeat(100_000)).toString("base64url")}.${signature}`,
    };
    for (const [name, wrong] of Object.entries(bad)) {
      const started = performance.now();
      expect([name, await me(house, wrong)]).toEqual([name, 401]);
      expect([name, performance.now() - started < 1000]).toEqual([name, true]);
    }
  }));

test("claims that are not exactly ours are refused although the signature is", async () => {
  await using house = await startAppliance();
  const ada = await house.addUser("ada");
  const { claims } = decode((await login(house)).body.access_token);
  const { signer } = await import("../../src/identity/signing-key.ts");
  const { kid, key } = await signer(house.core);
  const { SignJWT } = await import("jose");
  const mint = (over: object, typ = "at+jwt") => {
    const merged = Object.fromEntries(
      Object.entries({ ...claims, ...over }).filter(([, v]) => v !== undefined),
    );
    return new SignJWT(merged).setProtectedHeader({ alg: "RS256", typ, kid }).sign(key);
  };
  expect(await me(house, await mint({}))).toBe(200);
  for (const over of [
    { iss: "http://localhost:8421" },
    { iss: `${origin}/` },
    { iss: [origin] },
    { aud: "other" },
    { aud: [origin] },
    { aud: `${origin}/` },
    { iss: undefined },
    { aud: undefined },
    { exp: undefined },
    { exp: String(claims.exp) },
    { exp: claims.exp + 0.5 },
    { exp: 1e300 },
    { iat: undefined },
    { iat: claims.iat + 3600 },
    { nbf: claims.iat },
    { sid: "ses_other" },
    { sid: undefined },
    { sub: "usr_other" },
    { sub: undefined },
  ])
    expect([over, await me(house, await mint(over))]).toEqual([over, 401]);
  expect(await me(house, await mint({}, "JWT"))).toBe(401);
  // A session of another kind is not named by a token of this one.
  const web = await house.addSession(ada);
  expect(await me(house, await mint({ sid: web.id }))).toBe(401);
});

test("a revoked token is refused in every spelling of it", () =>
  withToken(async (house, token) => {
    expect(await me(house, token)).toBe(200);
    expect((await house.post(`${api}/logout`, undefined, { token })).status).toBe(204);
    const [head = "", body = "", signature = ""] = token.split(".");
    // The last letter of a base64url text has spare bits.
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const odd = alphabet[(alphabet.indexOf(signature.at(-1) ?? "") ^ 1) % 64];
    for (const spelled of [
      token,
      `${token}=`,
      `${token}==`,
      `${head}.${body}=.${signature}`,
      `${head}.${body}.${signature.slice(0, -1)}${odd}`,
    ])
      expect(await me(house, spelled)).toBe(401);
  }));

test("a rotated key verifies until its last token has expired, then it is gone", () =>
  withToken(async (house, token) => {
    const old = decode(token).header.kid;
    await rotateSigningKey(house.core);
    const next = (await login(house)).body.access_token;
    expect(decode(next).header.kid).not.toBe(old);
    expect([await me(house, token), await me(house, next)]).toEqual([200, 200]);
    const kids = async () =>
      (await house.get("/.well-known/jwks.json")).body.keys.map(({ kid }: { kid: string }) => kid);
    expect(await kids()).toContain(old);
    house.advance(86_400);
    expect(await kids()).toEqual([decode(next).header.kid]);
    expect(await me(house, token)).toBe(401);
  }));

test("rotating while people sign in and ask fails nobody", async () => {
  await using house = await startAppliance();
  await house.addUser("ada");
  const statuses: number[] = [];
  const asking = Array.from({ length: 20 }, async () => {
    for (let n = 0; n < 5; n++) {
      const { status, body } = await login(house);
      statuses.push(status, await me(house, body.access_token));
    }
  });
  for (let n = 0; n < 3; n++) await rotateSigningKey(house.core);
  await Promise.all(asking);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
});

test("the key set may be cached, and holds nothing private", () =>
  withToken(async (house) => {
    const { headers, text } = await house.get("/.well-known/jwks.json");
    expect(headers.get("cache-control")).toStartWith("public, max-age=");
    for (const secret of ['"d"', '"p"', '"q"', '"k"', '"dp"', '"qi"']) expect(text).not.toContain(secret);
    await house.core.store.close();
    const stored = await Bun.file(`${house.folder}/housekey.db`).text();
    expect(stored.includes("PRIVATE KEY")).toBe(false);
  }));
