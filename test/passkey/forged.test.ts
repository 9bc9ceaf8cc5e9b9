/** What a browser will never send (WA-3 to WA-9 and WA-11): each is refused like every other, and only the audit says why. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { Appliance } from "../harness.ts";
import { AT, BE, type Bend, BS, coseOf, makeKey, UP, UV } from "./authenticator.ts";
import {
  addHolder,
  creationOptions,
  enrol,
  type Holder,
  lastReason,
  openHouse,
  passkeysOf,
  prove,
  requestOptions,
} from "./house.ts";

let house: Appliance;
let ada: Holder;
let bob: Holder;

beforeAll(async () => {
  ({ house, ada } = await openHouse());
  bob = await addHolder(house, "bob", { counts: true });
});

afterAll(() => house[Symbol.asyncDispose]());

const refused = {
  ok: false,
  error: { code: "PASSKEY_REJECTED", message: "This passkey was not accepted." },
};

const origins: Readonly<Record<string, string>> = {
  "a subdomain": "http://sub.localhost:8420",
  "another port": "http://localhost:8421",
  "no port": "http://localhost",
  "another scheme": "https://localhost:8420",
  "a suffix": "http://localhost.evil:8420",
  "a longer port": "http://localhost:84200",
  "a trailing dot": "http://localhost.:8420",
  "a trailing slash": "http://localhost:8420/",
  "another case": "http://LOCALHOST:8420",
  "a lookalike in punycode": "http://xn--lcalhost-c0a:8420",
  "a lookalike": "http://lοcalhost:8420",
  "no origin": "null",
  "an empty one": "",
};

/** Both kinds of answer. The reason is what the audit has. */
const everywhere: Readonly<Record<string, readonly [Bend, string]>> = {
  ...Object.fromEntries(
    Object.entries(origins).map(([name, origin]) => [`${name} as origin`, [{ origin }, "origin"]]),
  ),
  "another type": [{ type: "payment.get" }, "type"],
  "another credential type": [{ credentialType: "password" }, "type"],
  "the hash of another house": [{ rpId: "example.org" }, "rp_id"],
  "the hash of a parent": [{ rpId: "host" }, "rp_id"],
  "a frame of another origin": [{ crossOrigin: true }, "cross_origin"],
  "a frame that is told otherwise": [{ crossOrigin: "true" }, "cross_origin"],
  "a top origin": [{ topOrigin: "https://evil.example" }, "cross_origin"],
  "our own top origin": [{ topOrigin: "http://localhost:8420" }, "cross_origin"],
  "an id of two names": [{ rawId: "AAAA" }, "credential"],
  "an id of another key": [{ id: randomBytes(32).toString("base64url") }, "credential"],
  "an id of 1024 bytes": [{ id: randomBytes(1024).toString("base64url") }, "credential"],
  "an unknown challenge": [{ challenge: randomBytes(32).toString("base64url") }, "challenge"],
  "no challenge": [{ challenge: "" }, "challenge"],
};

describe("at a sign-in", () => {
  const bends: Readonly<Record<string, readonly [Bend, string]>> = {
    ...everywhere,
    "nobody present": [{ flags: UV | BE | BS }, "user_absent"],
    "nobody verified": [{ flags: UP | BE | BS }, "user_unverified"],
    "a backup of what cannot be backed up": [{ flags: UP | UV | BS }, "backup"],
    "a key that moves to another kind": [{ flags: UP | UV }, "backup"],
    "another key's signature": [{ signWith: makeKey().privateKey }, "signature"],
    "the handle of another account": [
      { userHandle: Buffer.from("usr_nobody").toString("base64url") },
      "user_handle",
    ],
    "no handle": [{ userHandle: null }, "user_handle"],
    "the type of a registration": [{ type: "webauthn.create" }, "type"],
    "flags of an attested key without one": [{ flags: UP | UV | BE | BS | AT }, "malformed"],
  };

  for (const [name, [bend, reason]] of Object.entries(bends))
    test(`${name} is refused, and changes nothing`, async () => {
      const before = await passkeysOf(house, ada);
      const answer = await prove(house, ada.key, bend);
      expect([answer.status, answer.body]).toEqual([401, refused]);
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
      expect(await lastReason(house)).toBe(reason);
      expect(await passkeysOf(house, ada)).toEqual(before);
    });

  test("bob's key with ada's handle, and ada's id with bob's key, are refused", async () => {
    const handle = await prove(house, bob.key, { userHandle: ada.key.userHandle });
    expect([handle.status, await lastReason(house)]).toEqual([401, "user_handle"]);
    const id = await prove(house, bob.key, { id: ada.key.id, userHandle: ada.key.userHandle });
    expect([id.status, await lastReason(house)]).toEqual([401, "signature"]);
  });

  test("a counter that does not get ahead is refused and does not move, and one that does moves it", async () => {
    expect((await prove(house, bob.key, { counter: 7 })).status).toBe(200);
    for (const counter of [7, 6, 0]) {
      const answer = await prove(house, bob.key, { counter });
      expect([answer.status, answer.body, await lastReason(house)]).toEqual([401, refused, "counter"]);
    }
    for (const bend of [{ flags: UP | BE | BS }, { signWith: ada.key.privateKey }, { origin: "http://a" }])
      await prove(house, bob.key, { counter: 99, ...bend });
    expect((await passkeysOf(house, bob))[0]?.counter).toBe(7);
    expect((await prove(house, bob.key, { counter: 8 })).status).toBe(200);
    expect((await passkeysOf(house, bob))[0]?.counter).toBe(8);
  });

  test("whether a key is backed up by now is taken from every use", async () => {
    await prove(house, ada.key, { flags: UP | UV | BE });
    expect((await passkeysOf(house, ada))[0]?.backedUp).toBe(false);
    await prove(house, ada.key);
    expect((await passkeysOf(house, ada))[0]?.backedUp).toBe(true);
  });

  test("bytes that are none are refused like the rest", async () => {
    const good = ada.key.get(await requestOptions(house));
    const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const texts = [
      "A",
      "****",
      "AA==",
      json([]),
      json(null),
      json({}),
      json({ type: 1, challenge: {}, origin: [] }),
      "_w",
    ];
    for (const clientDataJSON of texts) {
      const answer = await house.post("/auth/passkeys/authenticate/verify", {
        ...good,
        response: { ...good.response, clientDataJSON },
      });
      expect([clientDataJSON, answer.status, answer.body]).toEqual([clientDataJSON, 401, refused]);
      expect(await lastReason(house)).toBe("malformed");
    }
    for (const name of ["authenticatorData", "signature"])
      for (const bytes of ["A", "AAAA", "*", randomBytes(20_000).toString("base64url")]) {
        const one = ada.key.get(await requestOptions(house));
        const answer = await house.post("/auth/passkeys/authenticate/verify", {
          ...one,
          response: { ...one.response, [name]: bytes },
        });
        expect([name, answer.status, answer.body]).toEqual([name, 401, refused]);
      }
  });
});

describe("at a registration", () => {
  const ec = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ format: "jwk" });
  const point = (x = "", y = "") => [Buffer.from(x, "base64url"), Buffer.from(y, "base64url")] as const;
  const [x384, y384] = point(ec.x, ec.y);
  const own = makeKey().cose;
  const rsa = (modulusLength: number) =>
    coseOf("RS256", generateKeyPairSync("rsa", { modulusLength }).publicKey);
  const good = rsa(2048);
  const bent = (base: Map<unknown, unknown>, ...entries: [unknown, unknown][]) =>
    new Map([...base, ...entries]);
  const flags = UP | UV | AT;

  const bends: Readonly<Record<string, readonly [Bend, string]>> = {
    ...everywhere,
    "nobody present": [{ flags: UV | AT }, "user_absent"],
    "nobody verified": [{ flags: UP | AT }, "user_unverified"],
    "a backup of what cannot be backed up": [{ flags: flags | BS }, "backup"],
    "no key": [{ flags: UP | UV }, "malformed"],
    "the type of a sign-in": [{ type: "webauthn.get" }, "type"],
    RS1: [{ coseKey: bent(good, [3, -65535]) }, "key"],
    RS512: [{ coseKey: bent(good, [3, -259]) }, "key"],
    PS256: [{ coseKey: bent(good, [3, -37]) }, "key"],
    ES384: [
      {
        coseKey: new Map<unknown, unknown>([
          [1, 2],
          [3, -35],
          [-1, 2],
          [-2, x384],
          [-3, y384],
        ]),
      },
      "key",
    ],
    "ES256 on P-384": [
      {
        coseKey: new Map<unknown, unknown>([
          [1, 2],
          [3, -7],
          [-1, 2],
          [-2, x384],
          [-3, y384],
        ]),
      },
      "key",
    ],
    ES256K: [{ coseKey: bent(own, [3, -47], [-1, 8]) }, "key"],
    "an RSA key that says ES256": [{ coseKey: bent(good, [3, -7]) }, "key"],
    "an EC key that says RS256": [{ coseKey: bent(own, [3, -257]) }, "key"],
    "an EC key that says EdDSA": [{ coseKey: bent(own, [3, -8]) }, "key"],
    "a key without an algorithm": [{ coseKey: new Map([...own].filter(([label]) => label !== 3)) }, "key"],
    "an algorithm nobody knows": [{ coseKey: bent(own, [3, -40_000]) }, "key"],
    "a point off the curve": [{ coseKey: bent(own, [-3, Buffer.alloc(32, 1)]) }, "key"],
    "a coordinate too short": [{ coseKey: bent(own, [-2, Buffer.alloc(31, 1)]) }, "key"],
    "an RSA key of 512 bits": [{ coseKey: rsa(512) }, "key"],
    "an RSA key of 1024 bits": [{ coseKey: rsa(1024) }, "key"],
    "an RSA key padded to 2048 bits": [
      { coseKey: bent(good, [-1, Buffer.concat([Buffer.alloc(128), Buffer.alloc(128, 0xff)])]) },
      "key",
    ],
    "an RSA key of 16384 bits": [{ coseKey: bent(good, [-1, Buffer.alloc(2048, 0xff)]) }, "key"],
    "an RSA exponent of 1": [{ coseKey: bent(good, [-2, Buffer.from([1])]) }, "key"],
    "an RSA exponent as long as the key": [{ coseKey: bent(good, [-2, Buffer.alloc(256, 0xff)]) }, "key"],
    "a statement beside none": [{ attStmt: new Map([["sig", Buffer.alloc(8)]]) }, "signature"],
  };

  for (const [name, [bend, reason]] of Object.entries(bends))
    test(`${name} is refused, and leaves nothing`, async () => {
      const answer = await enrol(house, ada.token, makeKey(), bend);
      expect([answer.status, answer.body]).toEqual([400, refused]);
      expect(await lastReason(house)).toBe(reason);
      expect(await passkeysOf(house, ada)).toHaveLength(1);
    });

  test("a credential id of 1023 bytes is taken, one of 1024 is not", async () => {
    const { token, user } = await addHolder(house, "lena");
    expect((await enrol(house, token, makeKey({ idBytes: 1023 }))).status).toBe(201);
    const answer = await enrol(house, token, makeKey({ idBytes: 1024 }));
    expect([answer.status, answer.body, await lastReason(house)]).toEqual([400, refused, "credential"]);
    expect(await passkeysOf(house, { user })).toHaveLength(2);
  });

  test("a credential that is somebody's, whoever's, is refused, its key or another", async () => {
    const rawId = Buffer.from(ada.key.id, "base64url");
    for (const [key, token] of [
      [ada.key, bob.token],
      [ada.key, ada.token],
      [makeKey({ credentialId: rawId }), bob.token],
    ] as const) {
      const answer = await enrol(house, token, key);
      expect([answer.status, answer.body, await lastReason(house)]).toEqual([
        400,
        refused,
        "known_credential",
      ]);
    }
    const userHandle = Buffer.from(ada.user.id).toString("base64url");
    expect((await prove(house, ada.key, { userHandle })).body.username).toBe("ada");
  });

  for (const algorithm of ["ES256", "EdDSA", "RS256"] as const)
    test(`a key of ${algorithm} is taken and signs in`, async () => {
      const { key, user } = await addHolder(house, `holder-${algorithm.toLowerCase()}`, { algorithm });
      expect((await prove(house, key)).body.username).toBe(user.username);
    });

  test("what cannot be read is refused like the rest", async () => {
    for (const attestationObject of [
      "A",
      "AAAA",
      "o2NmbXQ",
      Buffer.alloc(20_000, 0x81).toString("base64url"),
    ]) {
      const one = makeKey().create(await creationOptions(house, ada.token));
      const body = { name: "x", ...one, response: { ...one.response, attestationObject } };
      const answer = await house.post("/auth/passkeys/register/verify", body, { token: ada.token });
      expect([answer.status, answer.body]).toEqual([400, refused]);
    }
  });
});
