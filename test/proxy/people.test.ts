/** Who is let in to the apps behind real proxies, as whom, and until when. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Step } from "../../src/identity/doctor.ts";
import { requireBinary, run, type Spoken, speak } from "../binary.ts";
import { valuesOf } from "./app.ts";
import { visitor } from "./domain.ts";
import { kinds } from "./front.ts";
import { addMember, cookieOf, member, newScene, type Scene, signIn } from "./scene.ts";

beforeAll(requireBinary);

describe.each(kinds)("behind %s", (kind) => {
  let scene: Scene;
  let bob = "";

  beforeAll(async () => {
    scene = await newScene(kind);
    bob = await addMember(scene, { name: "Bob Müller", email: "bob@example.org" });
  });

  afterAll(() => scene?.[Symbol.asyncDispose]());

  /** The status at each app, and what reached them is counted. */
  async function atBoth(...lines: string[]): Promise<{ statuses: number[]; reached: number }> {
    scene.reached();
    const statuses = [(await scene.ask(1, { lines })).status, (await scene.ask(2, { lines })).status];
    return { statuses, reached: scene.reached() };
  }

  const open = { statuses: [200, 200], reached: 2 };
  const closed = { statuses: [401, 401], reached: 0 };
  const forbidden = { statuses: [403, 403], reached: 0 };

  /** What the app that was asked last heard of who is there. */
  function told(app: 0 | 1): Record<string, string> {
    const last = scene.apps[app].received.at(-1);
    if (!last) throw new Error("nothing reached the app");
    const of = (name: string) => Buffer.from(valuesOf(last, name).join(" + "), "latin1").toString();
    return Object.fromEntries(
      ["user", "name", "email", "groups"].map((name) => [name, of(`remote-${name}`)]),
    );
  }

  async function keyOf(person: Spoken, scopes: readonly string[]): Promise<string> {
    const body = { name: `phone ${scopes}`, scopes };
    return (await speak(scene.house, "POST", "/v1/auth/api-keys", { token: person.body.token, body })).body
      .data.key;
  }

  const basic = (name: string, password: string) => `Authorization: Basic ${btoa(`${name}:${password}`)}`;

  test("one sign-in opens both apps, which are told who is there; nobody else gets to them", async () => {
    expect(await atBoth()).toEqual(closed);
    expect(await atBoth(cookieOf(scene.admin))).toEqual(open);
    for (const app of [0, 1] as const)
      expect(told(app)).toEqual({ user: "ada", name: "ada", email: "", groups: "admin" });
    const [last] = scene.apps[1].received.slice(-1);
    const heard = ["host", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-for"].map(
      (name) => last && valuesOf(last, name),
    );
    const host = `app2.home.example:${scene.port}`;
    expect(heard).toEqual([[host], [host], ["https"], [visitor]]);
    expect(await atBoth(cookieOf(await signIn(scene, member)))).toEqual(open);
    const who = { user: "bob", name: "Bob Müller", email: "bob@example.org", groups: "member" };
    expect([told(0), told(1)]).toEqual([who, who]);
  });

  test("an app gets to see its own cookies, and not the session", async () => {
    const [one, other] = ["theme=dark", "lang=de"];
    const [session = ""] = scene.admin.cookie.split("; ");
    for (const sent of [
      `${session}`,
      `${one}; ${session}`,
      `${session}; ${one}`,
      `${one}; ${session}; ${other}`,
      `${session}; ${session}`,
    ]) {
      expect((await scene.ask(1, { lines: [`Cookie: ${sent}`] })).status).toBe(200);
      const [last] = scene.apps[0].received.slice(-1);
      const seen = JSON.stringify(last);
      expect(seen).not.toContain(session.slice(-96));
      for (const own of [one, other].filter((cookie) => sent.includes(cookie))) expect(seen).toContain(own);
    }
    const lines = [`Authorization: Bearer ${scene.admin.body.token}`, `Cookie: ${one}; ${other}`];
    expect((await scene.ask(1, { lines })).status).toBe(200);
    const [last] = scene.apps[0].received.slice(-1);
    expect(last && valuesOf(last, "cookie")).toEqual([`${one}; ${other}`]);
  });

  test("whoever signs out is out of both apps with the next request", async () => {
    const session = await signIn(scene, member);
    expect(await atBoth(cookieOf(session))).toEqual(open);
    expect(
      (await speak(scene.house, "DELETE", "/auth/sessions/current", { token: session.body.token })).status,
    ).toBe(204);
    expect(await atBoth(cookieOf(session))).toEqual(closed);
  });

  test("a session that another one ended, an admin ended, or the host's command ended is out likewise", async () => {
    const by = {
      "another session": async (id: string) => {
        const other = await signIn(scene, member);
        await speak(scene.house, "DELETE", `/auth/sessions/${id}`, { token: other.body.token });
      },
      "an admin": () =>
        speak(scene.house, "POST", "/auth/sessions/revoke-all", {
          token: scene.admin.body.token,
          body: { user_id: bob },
        }),
      "the command": () => run(["user", "disable", "bob"], { cwd: scene.cwd }),
    };
    for (const [who, end] of Object.entries(by)) {
      const session = await signIn(scene, member);
      const { body } = await speak(scene.house, "GET", "/auth/sessions/current", {
        token: session.body.token,
      });
      expect([who, await atBoth(cookieOf(session))]).toEqual([who, open]);
      await end(body.session.id);
      expect([who, await atBoth(cookieOf(session))]).toEqual([who, closed]);
    }
    expect((await run(["user", "enable", "bob"], { cwd: scene.cwd })).exitCode).toBe(0);
  });

  test("a session's token opens apps as Bearer, an access token does, and neither after the session", async () => {
    const session = await signIn(scene, member);
    const access = await speak(scene.house, "POST", "/api/v1/auth/login", {
      body: { email: member.username, password: member.password },
    });
    expect(access.status).toBe(200);
    const bearers = [session.body.token, access.body.access_token].map(
      (token) => `Authorization: Bearer ${token}`,
    );
    for (const bearer of bearers) expect(await atBoth(bearer)).toEqual(open);
    await speak(scene.house, "DELETE", "/auth/sessions", { token: session.body.token });
    for (const bearer of bearers) expect(await atBoth(bearer)).toEqual(closed);
  });

  test("an API key opens apps as Basic password and as Bearer, if it has the scope, until it is deleted", async () => {
    const session = await signIn(scene, member);
    const [key, narrow] = [await keyOf(session, ["forward:auth"]), await keyOf(session, ["profile:read"])];
    const exchanged = (await speak(scene.house, "POST", "/v1/auth/token", { token: key })).body.data.token;
    const may = [
      ...[`Authorization: Bearer ${key}`, `Authorization: Bearer ${exchanged}`],
      ...[basic("bob", key), basic("BOB", key), basic("bob@example.org", key)],
    ];
    for (const line of may) {
      expect([line, await atBoth(line)]).toEqual([line, open]);
      expect([told(0).user, told(1).groups]).toEqual(["bob", "member"]);
    }
    for (const line of [`Authorization: Bearer ${narrow}`, basic("bob", narrow)])
      expect([line, await atBoth(line)]).toEqual([line, forbidden]);
    const never = [
      ...[basic("ada", key), basic("", key), basic("bob", member.password), basic("bob", session.body.token)],
      ...[
        basic("bob", `${key}x`),
        `Authorization: Basic ${key}`,
        `Authorization: Digest ${key}`,
        "Authorization: ",
      ],
      ...[`Authorization: Bearer ${key}, Bearer ${key}`, `Authorization: Bearer ${key.toUpperCase()}`],
    ];
    for (const line of never) expect([line, await atBoth(line, cookieOf(session))]).toEqual([line, closed]);
    const { data } = (await speak(scene.house, "GET", "/v1/auth/api-keys", { token: session.body.token }))
      .body;
    for (const { id } of data)
      await speak(scene.house, "DELETE", `/v1/auth/api-keys/${id}`, { token: session.body.token });
    for (const line of may) expect([line, await atBoth(line)]).toEqual([line, closed]);
  });

  test("a page that is opened leads to the sign-in page, which leads back; anything else is refused", async () => {
    const page = ["Accept: text/html,*/*;q=0.8", "Sec-Fetch-Mode: navigate", "User-Agent: Mozilla/5.0"];
    const target = "/photos/2026?album=a%20b&sort=+name";
    const { status, headers } = await scene.ask(2, { target, lines: page });
    const back = `https://app2.home.example:${scene.port}${target}`;
    expect([status, headers.get("location")]).toEqual([
      302,
      `${scene.url}/login?return_to=${encodeURIComponent(back)}`,
    ]);
    const others = {
      script: ["Accept: */*", "Sec-Fetch-Mode: cors", "User-Agent: Mozilla/5.0"],
      picture: ["Accept: image/*", "Sec-Fetch-Mode: no-cors", "User-Agent: Mozilla/5.0"],
      program: ["Accept: */*", "User-Agent: curl/8"],
      form: null,
    };
    for (const [what, lines] of Object.entries(others)) {
      const asked = lines ? { lines } : { method: "POST", lines: page, body: "a=1" };
      const refused = await scene.ask(2, { target, ...asked });
      expect([what, refused.status, refused.headers.get("location")]).toEqual([what, 401, null]);
      expect(refused.headers.get("www-authenticate")).toStartWith("Bearer");
    }
    const { stdout } = await run(["doctor", "--json"], { cwd: scene.cwd });
    const steps: Step[] = JSON.parse(stdout).steps;
    const about = ["address", "proxy", "forward", "apps", "cookie"];
    expect(steps.filter(({ name, ok }) => about.includes(name) && !ok)).toEqual([]);
  });
});
