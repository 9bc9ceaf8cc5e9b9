/** Challenges (WA-2): who may answer one, for what, how long, and that the first answer is the last. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sweepCeremonies } from "../../src/identity/ceremony.ts";
import type { Appliance } from "../harness.ts";
import { makeKey } from "./authenticator.ts";
import {
  addHolder,
  creationOptions,
  enrol,
  from,
  type Holder,
  lastReason,
  openHouse,
  passkeysOf,
  prove,
  requestOptions,
} from "./house.ts";

let house: Appliance;
let ada: Holder;

beforeAll(async () => {
  ({ house, ada } = await openHouse());
});

afterAll(() => house[Symbol.asyncDispose]());

const use = (answer: object, asked = {}) => house.post("/auth/passkeys/authenticate/verify", answer, asked);

const keep = (answer: object, token: string) =>
  house.post("/auth/passkeys/register/verify", { name: "Phone", ...answer }, { token });

const addSession = async () => (await house.addSession(ada.user)).token;

describe("a challenge", () => {
  test("is 32 random bytes, another every time, and not kept", async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => requestOptions(house)));
    const challenges = new Set(made.map(({ challenge }) => challenge));
    expect(challenges.size).toBe(20);
    for (const challenge of challenges) expect(Buffer.from(challenge, "base64url")).toHaveLength(32);
    const { Database } = await import("bun:sqlite");
    const database = new Database(`${house.folder}/housekey.db`, { readonly: true });
    const rows = JSON.stringify(database.query("select * from ceremonies").all());
    database.close();
    for (const challenge of challenges) expect(rows).not.toContain(challenge);
  });

  test("is answered once: the same answer again is refused", async () => {
    const answer = ada.key.get(await requestOptions(house));
    expect((await use(answer)).status).toBe(200);
    expect([(await use(answer)).status, await lastReason(house)]).toEqual([401, "challenge"]);
    const token = await addSession();
    const creation = makeKey().create(await creationOptions(house, token));
    expect((await keep(creation, token)).status).toBe(201);
    expect([(await keep(creation, token)).status, await lastReason(house)]).toEqual([400, "challenge"]);
  });

  test("is gone after the first answer, also when that was wrong in any way", async () => {
    const wrongs = [
      { origin: "http://localhost:1" },
      { crossOrigin: true },
      { type: "webauthn.create" },
      { signWith: makeKey().privateKey },
      { id: makeKey().id },
      { userHandle: null },
    ];
    for (const bend of wrongs) {
      const options = await requestOptions(house);
      expect((await use(ada.key.get(options, bend))).status).toBe(401);
      expect([(await use(ada.key.get(options))).status, await lastReason(house)]).toEqual([401, "challenge"]);
    }
    const token = await addSession();
    const options = await creationOptions(house, token);
    expect((await keep(makeKey().create(options, { fmt: "packed" }), token)).status).toBe(400);
    expect((await keep(makeKey().create(options), token)).status).toBe(400);
    expect(await lastReason(house)).toBe("challenge");
  });

  test("of a registration is none at a sign-in, nor the other way about, and is gone then", async () => {
    const token = await addSession();
    const creation = await creationOptions(house, token);
    const request = await requestOptions(house);
    expect((await use(ada.key.get({ rpId: "localhost", challenge: creation.challenge }))).status).toBe(401);
    expect(await lastReason(house)).toBe("challenge");
    const crossed = makeKey().create({ ...creation, challenge: request.challenge });
    expect([(await keep(crossed, token)).status, await lastReason(house)]).toEqual([400, "challenge"]);
    expect((await use(ada.key.get(request))).status).toBe(401);
    expect((await keep(makeKey().create(creation), token)).status).toBe(400);
  });

  test("of one session is none in another, of the same account or another's", async () => {
    const bob = await addHolder(house, "bob");
    for (const other of [await addSession(), bob.token]) {
      const options = await creationOptions(house, await addSession());
      expect((await keep(makeKey().create(options), other)).status).toBe(400);
      expect(await lastReason(house)).toBe("challenge");
    }
  });

  test("of one address is none at another, but a /64 of IPv6 is one", async () => {
    const theirs = await requestOptions(house, from("192.0.2.1"));
    expect((await use(ada.key.get(theirs), from("192.0.2.2"))).status).toBe(401);
    expect(await lastReason(house)).toBe("challenge");
    const first = await requestOptions(house, from("2001:db8:1:2::1"));
    expect((await use(ada.key.get(first), from("2001:db8:1:2:ffff::2"))).status).toBe(200);
    const second = await requestOptions(house, from("2001:db8:1:2::1"));
    expect((await use(ada.key.get(second), from("2001:db8:1:3::1"))).status).toBe(401);
  });

  test("lives five minutes", async () => {
    const options = await requestOptions(house);
    house.advance(299);
    expect((await use(ada.key.get(options))).status).toBe(200);
    const late = await requestOptions(house);
    house.advance(300);
    expect([(await use(ada.key.get(late))).status, await lastReason(house)]).toEqual([401, "challenge"]);
    const token = await addSession();
    const creation = await creationOptions(house, token);
    house.advance(300);
    expect((await keep(makeKey().create(creation), token)).status).toBe(400);
    expect(await lastReason(house)).toBe("challenge");
  });

  test("survives a restart, and so does a passkey", async () => {
    const { startAppliance } = await import("../harness.ts");
    const options = await requestOptions(house);
    await using again = await startAppliance({ folder: house.folder });
    // The new house begins at the tests' first moment, like the old one did.
    const answer = await again.post("/auth/passkeys/authenticate/verify", ada.key.get(options));
    expect([answer.status, answer.body.username]).toEqual([200, "ada"]);
  });

  test("nobody can pile them up, and what has expired is swept", async () => {
    for (let n = 0; n < 80; n++) await requestOptions(house, from("192.0.2.80"));
    await requestOptions(house, from("192.0.2.81"));
    expect(await count("address 192.0.2.80")).toBe(64);
    expect(await count("address 192.0.2.81")).toBe(1);
    house.advance(301);
    await sweepCeremonies(house.core);
    expect(await count("%")).toBe(0);
  });

  async function count(asker: string): Promise<number> {
    const { Database } = await import("bun:sqlite");
    const database = new Database(`${house.folder}/housekey.db`, { readonly: true });
    const found = database.query<{ n: number }, [string]>(
      "select count(*) n from ceremonies where asker like ?",
    );
    const n = found.get(asker)?.n ?? -1;
    database.close();
    return n;
  }
});

describe("of fifty at once", () => {
  test("that use one assertion, one wins, on every surface", async () => {
    const { key } = ada;
    const surfaces = [
      ["/auth/passkeys/authenticate/verify", (answer: object) => answer],
      ["/api/v1/auth/passkey/login/verify", (answer: object) => ({ response: answer })],
      [
        "/api/auth/passkey/verify",
        (answer: object) => ({ response: answer, origin: "http://localhost:8420" }),
      ],
    ] as const;
    for (const [path, body] of surfaces) {
      const answer = key.get(await requestOptions(house));
      const answers = await Promise.all(Array.from({ length: 50 }, () => house.post(path, body(answer))));
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).toEqual([200, ...Array(49).fill(401)]);
    }
  });

  test("that register one key, one does", async () => {
    const token = await addSession();
    const before = (await passkeysOf(house, ada)).length;
    const answer = makeKey().create(await creationOptions(house, token));
    const answers = await Promise.all(Array.from({ length: 50 }, () => keep(answer, token)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(49);
    expect((await passkeysOf(house, ada)).length).toBe(before + 1);
  });

  test("that register one key under challenges of their own, one does", async () => {
    const token = await addSession();
    const key = makeKey();
    const creations = await Promise.all(Array.from({ length: 50 }, () => creationOptions(house, token)));
    const answers = await Promise.all(creations.map((options) => keep(key.create(options), token)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  test("uses of a key that counts, under challenges of their own, none is counted twice", async () => {
    const carol = await addHolder(house, "carol", { counts: true });
    const options = await Promise.all(Array.from({ length: 50 }, () => requestOptions(house)));
    const answers = await Promise.all(options.map((one) => use(carol.key.get(one, { counter: 5 }))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await passkeysOf(house, carol))[0]?.counter).toBe(5);
  });

  test("that spend one proof, one is signed in", async () => {
    const { token } = (await prove(house, ada.key)).body;
    const body = { method: "passkey", email: "ada", token };
    const answers = await Promise.all(Array.from({ length: 50 }, () => house.post("/auth/sessions", body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(49).fill(401)]);
  });

  test("that delete one passkey, one does", async () => {
    const token = await addSession();
    const { body } = await enrol(house, token, makeKey());
    const path = `/auth/passkeys/${body.id}`;
    const answers = await Promise.all(Array.from({ length: 50 }, () => house.delete(path, { token })));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array(49).fill(404)]);
  });
});
