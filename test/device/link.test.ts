/** Linking by QR code: a person makes a code, answers it, and shows its token to a phone. */
import { expect, test } from "bun:test";
import { ask, codeOf, create, from, person, poll, standing, start } from "./steps.ts";

const atHome = from("10.0.0.1", "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0");
const phone = from("10.0.0.99", "housekey-phone/2.0");

test("a person makes a code, authorizes it and watches; the phone's session is the phone's", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const { code, token } = (await create(house, { ...ada, ...atHome })).body;
  const status = async () => (await ask(house, "link/status", code, ada)).body.status;
  expect(await status()).toBe("pending");
  expect((await poll(house, token, phone)).body).toEqual({ status: "pending" });
  expect((await ask(house, "authorize", code, ada)).status).toBe(200);
  expect(await status()).toBe("authorized");
  const given = (await poll(house, token, phone)).body;
  expect(await status()).toBe("claimed");
  expect(await standing(house, given.token)).toMatchObject({
    kind: "mobile",
    username: "ada",
    ip: "10.0.0.99",
    user_agent: "housekey-phone/2.0",
    methods: ["device"],
  });
  expect((await poll(house, token, phone)).body).toEqual({ status: "invalid" });
});

test("whoever films the screen and comes second gets nothing, and the audit tells where the first was", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const { code, token } = (await create(house, { ...ada, ...atHome })).body;
  await ask(house, "authorize", code, ada);
  expect((await poll(house, token, from("6.6.6.6"))).body.status).toBe("authorized");
  expect((await poll(house, token, phone)).body).toEqual({ status: "invalid" });
  const { events } = (await house.get("/auth/audit?event=device.claimed", ada)).body;
  expect(events).toMatchObject([{ ip: "6.6.6.6", reason: "mobile: linked by QR code" }]);
});

test("nobody else can look at it, answer it or watch it: it is as if it were not there", async () => {
  await using house = await start();
  const [ada, bob] = [await person(house, "ada"), await person(house, "bob")];
  const root = await house.addSession(await house.addUser("root", { role: "admin" }));
  const { code, token } = (await create(house, ada)).body;
  for (const when of ["pending", "decided"]) {
    for (const who of [bob, root])
      for (const question of ["info", "authorize", "deny", "link/status"] as const) {
        const [real, none] = [
          await ask(house, question, code, who),
          await ask(house, question, "ZZZZ-2222", who),
        ];
        expect([when, ...codeOf(real)]).toEqual([when, 404, "NOT_FOUND"]);
        expect(real.text).toBe(none.text);
        expect([...real.headers.keys()]).toEqual([...none.headers.keys()]);
      }
    if (when === "pending") expect((await ask(house, "authorize", code, ada)).status).toBe(200);
  }
  expect((await poll(house, token)).body.status).toBe("authorized");
});

test("it is the account that made it, not the session: another tab may answer", async () => {
  await using house = await start();
  const user = await house.addUser("ada");
  const [here, there] = [await house.addSession(user), await house.addSession(user)];
  const { code, token } = (await create(house, here)).body;
  expect((await ask(house, "authorize", code, there)).status).toBe(200);
  await house.delete("/auth/sessions/current", here);
  expect((await poll(house, token)).body.status).toBe("authorized");
});

test("a credential that is none is taken for none", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const { token, id } = await house.addSession(await house.addUser("bob"));
  await house.delete(`/auth/sessions/${id}`, { token });
  const odd = { headers: { authorization: "Basic YTpi" } };
  for (const who of [{ token }, { token: "x" }, { cookie: "housekey=x", origin: null }, odd]) {
    const made = await create(house, who);
    expect(made.status).toBe(200);
    // It is anybody's then.
    expect((await ask(house, "info", made.body.code, ada)).status).toBe(200);
  }
});

test("a cookie makes a code only from an own page, and then the code is its owner's", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const bob = await person(house, "bob");
  const cookie = `housekey=${ada.token}`;
  for (const origin of ["https://evil.example", null])
    expect(codeOf(await create(house, { cookie, origin }))).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
  for (const asked of [{ cookie }, { cookie, origin: null, headers: { "sec-fetch-site": "same-origin" } }]) {
    const made = await create(house, asked);
    expect(made.status).toBe(200);
    expect((await ask(house, "info", made.body.code, bob)).status).toBe(404);
    expect((await ask(house, "info", made.body.code, ada)).status).toBe(200);
  }
});

test("both old names lead to the page, with what was asked", async () => {
  await using house = await start();
  for (const path of ["/auth/device", "/link"])
    for (const query of ["", "?code=ABCD-2345", "?server=https%3A%2F%2Fa&token=x%0d%0aset-cookie:a"]) {
      const { status, headers, text } = await house.get(path + query);
      expect([status, headers.get("location"), text]).toEqual([302, `/device${query}`, ""]);
      expect(headers.get("set-cookie")).toBeNull();
    }
});
