import { expect, test } from "bun:test";
import { codeAt, enrol } from "../two-factor/app.ts";
import { linked, locationOf, openHouse, visit, whoIs } from "./visit.ts";

test("with two-factor on the code is asked for, in a cookie's time, and only then is anybody signed in", async () => {
  await using visited = await openHouse();
  const { house } = visited;
  const whose = await linked(visited, "ada");
  const { secret } = await enrol(house, whose.token);
  for (const [returnTo, step] of [
    ["/", "/login?step=code"],
    ["/settings?a=b", "/login?step=code&return_to=%2Fsettings%3Fa%3Db"],
  ]) {
    const back = await visit(visited, whose, returnTo);
    expect([locationOf(back), await whoIs(visited, back)]).toEqual([step ?? "", null]);
    expect(back.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^housekey-challenge=[0-9a-f]{64}; Path=\/; Max-Age=300; HttpOnly; SameSite=Lax$/,
      ),
    ]);
    const asked = { cookie: back.cookie };
    const wrong = await house.post("/auth/oidc/two-factor", { code: "000000" }, asked);
    expect([wrong.status, wrong.body.error.code]).toEqual([401, "INVALID_CODE"]);
    house.advance(30);
    const code = codeAt(secret, house.core.clock());
    const forged = await house.post("/auth/oidc/two-factor", { code }, { ...asked, origin: null });
    expect([forged.status, forged.body.error.code]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
    const done = await house.post("/auth/oidc/two-factor", { code }, asked);
    expect([done.status, done.body.user.username]).toEqual([201, "ada"]);
    expect((await whoIs(visited, done)).session.methods).toEqual(["oidc", "totp"]);
    expect(done.headers.getSetCookie().at(-1)).toMatch(/^housekey-challenge=; Path=\/; Max-Age=0; /);
    const again = await house.post("/auth/oidc/two-factor", { code }, asked);
    expect([again.status, again.body.error.code]).toEqual([401, "INVALID_CHALLENGE"]);
  }
});

test("the challenge dies at its fifth wrong code and after five minutes, and opens nothing else", async () => {
  await using visited = await openHouse();
  const { house } = visited;
  const whose = await linked(visited, "ada");
  const { secret } = await enrol(house, whose.token);
  const { cookie } = await visit(visited, whose);
  const challenge = cookie.split("=")[1] ?? "";
  for (const path of ["/auth/sessions/current", "/auth/identities"])
    expect((await house.get(path, { token: challenge })).status).toBe(401);
  const other = await house.post("/api/v1/auth/2fa/verify", { challenge_token: challenge, code: "000000" });
  expect(other.body.error.code).toBe("INVALID_CHALLENGE");
  const codes = [];
  for (let n = 0; n < 6; n++)
    codes.push((await house.post("/auth/oidc/two-factor", { code: "000000" }, { cookie })).body.error.code);
  expect(codes).toEqual([...Array(4).fill("INVALID_CODE"), "INVALID_CHALLENGE", "INVALID_CHALLENGE"]);

  const late = await visit(visited, whose);
  house.advance(300);
  const code = codeAt(secret, house.core.clock());
  const answer = await house.post("/auth/oidc/two-factor", { code }, { cookie: late.cookie });
  expect([answer.status, answer.body.error.code]).toEqual([401, "INVALID_CHALLENGE"]);
});

test("a disabled account with two-factor hears of it only after the code", async () => {
  await using visited = await openHouse();
  const { house } = visited;
  const whose = await linked(visited, "ada");
  const { secret } = await enrol(house, whose.token);
  const ada = await house.core.store.read.users.findByUsername("ada");
  await house.core.store.write((tx) => tx.users.update(ada?.id ?? "", { disabledAt: new Date(0) }));
  await house.core.store.write((tx) => tx.sessions.endAll(ada?.id ?? "", null, house.core.clock()));
  const back = await visit(visited, whose);
  expect(locationOf(back)).toBe("/login?step=code");
  house.advance(30);
  const code = codeAt(secret, house.core.clock());
  const answer = await house.post("/auth/oidc/two-factor", { code }, { cookie: back.cookie });
  expect([answer.status, answer.body.error.code]).toEqual([403, "ACCOUNT_DISABLED"]);
});
