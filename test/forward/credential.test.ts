/** Whose the request is: every kind of credential, alive and dead. */
import { expect, test } from "bun:test";
import { mintProof } from "../../src/identity/proof.ts";
import { type Appliance, password } from "../harness.ts";
import { withoutPermission } from "../openapi/refusals.ts";
import { enrol } from "../two-factor/app.ts";
import {
  app,
  asks,
  basic,
  bearer,
  cookie,
  exchanged,
  expectIn,
  expectOut,
  forwarded,
  house,
  identity,
  makeKey,
  nobody,
  withAda,
} from "./guard.ts";

const told = forwarded(app);
interface Kind {
  /** Headers that show it. */
  make(guard: Appliance, token: string): Promise<Record<string, string>>;

  /** It ends with the session it was made in; a key does not. */
  readonly isSession: boolean;

  /** Seconds after which it is over, whatever happens. */
  readonly seconds: number | null;
}

const day = 86_400;

const keyed = (show: (key: string, guard: Appliance) => Promise<Record<string, string>>): Kind => ({
  make: async (guard, token) => show((await makeKey(guard, token, ["forward:auth"], 1)).key, guard),
  isSession: false,
  seconds: day,
});

const kinds: Readonly<Record<string, Kind>> = {
  "a session's cookie": { make: async (_, token) => cookie(token), isSession: true, seconds: 7 * day },
  "a session's token": { make: async (_, token) => bearer(token), isSession: true, seconds: 7 * day },
  "a phone's token": {
    async make({ post }) {
      return bearer((await post("/api/auth/login", { username: "ada", password })).body.token);
    },
    isSession: true,
    seconds: 7 * day,
  },
  "a page's access token": {
    async make({ post }) {
      return bearer((await post("/api/v1/auth/login", { email: "ada", password })).body.access_token);
    },
    isSession: true,
    seconds: day,
  },
  "an API key": keyed(async (key) => bearer(key)),
  "the JWT of an API key": {
    ...keyed(async (key, guard) => bearer(await exchanged(guard, key))),
    seconds: 3600,
  },
  "an API key as password of its owner's name": keyed(async (key) => basic("ada", key)),
  "an API key as password of its owner's name in capitals": keyed(async (key) => basic("ADA", key)),
  "an API key as password of its owner's address": keyed(async (key) => basic("Ada@Example.com", key)),
};

for (const [what, { make, isSession, seconds }] of Object.entries(kinds)) {
  test(`${what} lets in, and no more once it was ended`, () =>
    withAda(async (guard, token) => {
      const shown = await make(guard, token);
      await expectIn(guard, shown);
      const { token: other } = (
        await guard.post("/auth/local/login", { username: "ada", password }, { origin: house })
      ).body;
      if (isSession) await guard.post("/auth/sessions/revoke-all", {}, { token: other, origin: house });
      else {
        const { data } = (await guard.get("/v1/auth/api-keys", { token: other, origin: house })).body;
        expect(data).toHaveLength(1);
        await guard.delete(`/v1/auth/api-keys/${data[0].id}`, { token: other, origin: house });
      }
      await expectOut(guard, shown);
    }));

  test(`${what} lets in until its time is up`, () =>
    withAda(async (guard, token) => {
      const shown = await make(guard, token);
      guard.advance((seconds ?? 0) - 5);
      await expectIn(guard, shown);
      guard.advance(isSession && seconds === 7 * day ? 7 * day + 1 : 10);
      await expectOut(guard, shown);
    }));

  test(`${what} of a disabled account is worth nothing, and again something once it is enabled`, () =>
    withAda(async (guard, token, id) => {
      const shown = await make(guard, token);
      const put = (disabledAt: Date | null) =>
        guard.core.store.write((tx) => tx.users.update(id, { disabledAt }));
      await put(guard.core.clock());
      await expectOut(guard, shown);
      await put(null);
      await expectIn(guard, shown);
    }));

  test(`${what} of an account that may not is refused as known`, () =>
    withAda(async (guard, token) => {
      const shown = await make(guard, token);
      const answer = await withoutPermission("forward:auth", () =>
        asks(guard, { ...told, ...shown, accept: "text/html" }),
      );
      expect([answer.status, answer.body.error.code, identity(answer)]).toEqual([403, "FORBIDDEN", nobody]);
    }));
}

test("a key without the scope is refused as known, and told which scope", () =>
  withAda(async (guard, token) => {
    const { key } = await makeKey(guard, token, ["profile:read"]);
    for (const shown of [bearer(key), bearer(await exchanged(guard, key)), basic("ada", key)]) {
      const answer = await asks(guard, { ...told, ...shown });
      expect([answer.status, answer.body.error.code]).toEqual([403, "FORBIDDEN"]);
      expect(answer.body.error.message).toContain("forward:auth");
    }
  }));

test("a key opens hosts that the cookie does not reach", () =>
  withAda(async (guard, token) => {
    const { key } = await makeKey(guard, token);
    const elsewhere = forwarded("http://nas.home.arpa:8080/");
    for (const shown of [bearer(key), basic("ada", key), bearer(token)])
      expect((await asks(guard, { ...elsewhere, ...shown })).status).toBe(200);
    expect((await asks(guard, { ...elsewhere, ...cookie(token) })).status).toBe(401);
  }));

test("a half-finished sign-in lets nobody in", () =>
  withAda(async (guard, token, id) => {
    await enrol(guard, token);
    const { body } = await guard.post("/api/v1/auth/login", { email: "ada", password });
    const minted = (purpose: "upstream" | "passkey") =>
      guard.core.store.write((tx) =>
        mintProof(guard.core, tx, { purpose, userId: id, methods: ["oidc"], seconds: 300 }),
      );
    const halves = [body.challenge_token, (await minted("upstream")).token, (await minted("passkey")).token];
    for (const half of halves) {
      for (const shown of [
        bearer(half),
        cookie(half),
        cookie(half, "__Host-housekey-challenge"),
        basic("ada", half),
      ])
        await expectOut(guard, shown);
    }
  }));

test("tokens of other kinds are none here", () =>
  withAda(async (guard, token) => {
    const spa = (await guard.post("/api/v1/auth/login", { email: "ada", password })).body;
    const { key } = await makeKey(guard, token);
    const device = (await guard.post("/api/auth/device/create", { clientType: "mobile" }, { token })).body;
    for (const shown of [
      bearer(spa.refresh_token),
      bearer(device.token),
      cookie(spa.access_token),
      cookie(key),
      bearer(token.toUpperCase()),
      bearer(token.slice(1)),
      bearer(`${token}0`),
      bearer(key.slice(0, -1)),
      bearer(`${key.slice(0, -1)}${key.endsWith("0") ? "1" : "0"}`),
      cookie(token, "__Host-housekey"),
      cookie(token, "housekey"),
      cookie(token, "__secure-housekey"),
    ])
      await expectOut(guard, shown);
  }));
