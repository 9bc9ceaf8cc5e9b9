/** Requests that nobody in their right mind would send, made from the description. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Appliance, startAppliance } from "../harness.ts";
import { type Check, checkerOf, documentOf, type Endpoint, endpointsOf } from "./document.ts";
import { openScene } from "./scene.ts";
import { dump } from "./tables.ts";

/** The same requests every time. A failure prints the seed with the request, for `fc.assert` to repeat. */
const settings = { seed: 20_260_101, numRuns: 4000, interruptAfterTimeLimit: 14_000 } as const;

const canary = "c4n4ry5a1e";

const hostile = [
  `' or 1=1; drop table users; -- ${canary}`,
  `<script>alert("${canary}")</script>`,
  `../../../../etc/passwd?${canary}`,
  `\${${canary}} {{${canary}}} %s %n`,
  `\u202e${canary}\u0000\ud800`,
  `${canary}\r\nset-cookie: a=b`,
  canary.repeat(3000),
  "e\u0301".repeat(200),
  "__proto__",
  "constructor",
  "true",
  "1e999",
];

const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hostile) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 300 }) },
);

const prototypes = fc.constantFrom("__proto__", "constructor", "prototype", "hasOwnProperty", "toString");

const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: text },
  {
    weight: 2,
    arbitrary: fc.constantFrom(0, -1, -0, 1e308, 2 ** 53, 0.1, -(2 ** 63), true, false, null, [], {}),
  },
  { weight: 1, arbitrary: fc.double({ noNaN: true }) },
  { weight: 1, arbitrary: fc.dictionary(prototypes, fc.jsonValue({ maxDepth: 3 })) },
  { weight: 1, arbitrary: fc.jsonValue() },
);

const headerText = text.map((one) => one.replace(/[^\x20-\x7e\xa0-\xff]/g, "").slice(0, 2000));

const headers = fc.dictionary(
  fc.constantFrom(
    ...["accept", "accept-encoding", "accept-language", "authorization", "content-type", "cookie", "host"],
    ...[
      "if-none-match",
      "if-modified-since",
      "range",
      "sec-fetch-site",
      "te",
      "transfer-encoding",
      "user-agent",
    ],
    ...["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-http-method-override", "x-request-id"],
  ),
  fc.oneof(
    headerText,
    fc.constantFrom("application/json", "Bearer x", "housekey=x; housekey=y", "1.2.3.4, x"),
  ),
  { maxKeys: 3 },
);

interface Shot {
  readonly key: string;
  readonly method: string;
  readonly id: string;
  readonly query: string;
  readonly fields: Record<string, unknown>;

  /** In place of the fields: text that may be no JSON at all. */
  readonly raw: string | null;

  readonly who: "admin" | "member" | "nobody";
  readonly headers: Record<string, string>;
}

const broken = fc.oneof(
  text,
  fc.constantFrom(
    "{",
    "[]",
    "null",
    '{"a":',
    '"',
    "[".repeat(20_000),
    `{"a":`.repeat(50),
    "x".repeat(70_000),
  ),
);

function shots(endpoints: Endpoint[]): fc.Arbitrary<Shot> {
  return fc.constantFrom(...endpoints).chain((endpoint) => {
    const { properties = {} } = (endpoint.body?.schema ?? {}) as { properties?: object };
    const queries = (endpoint.parameters ?? []).map(({ name }) => name);
    const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"];
    return fc.record({
      key: fc.constant(endpoint.key),
      method: fc.oneof(
        { weight: 8, arbitrary: fc.constant(endpoint.method) },
        { weight: 1, arbitrary: fc.constantFrom(...methods) },
      ),
      id: fc.oneof(
        text.map((one) => encodeURIComponent(one.toWellFormed().slice(0, 500))),
        fc.constantFrom("%", "%00", "..", "%2e%2e", "%2f", "a/b", ";", "%ff", "x", "usr_x"),
      ),
      query: fc
        .array(fc.tuple(fc.oneof(fc.constantFrom(...queries, "x"), prototypes), text), { maxLength: 3 })
        .map((pairs) =>
          pairs.map(([name, one]) => `${name}=${encodeURIComponent(one.toWellFormed())}`).join("&"),
        ),
      fields: fc.dictionary(
        fc.oneof(
          { weight: 6, arbitrary: fc.constantFrom(...Object.keys(properties), "x") },
          { weight: 1, arbitrary: prototypes },
        ),
        value,
        { maxKeys: 4 },
      ),
      raw: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: broken }),
      who: fc.constantFrom("admin", "member", "nobody"),
      headers: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: headers }),
    });
  });
}

/** JSON in which even `__proto__` is a member like any other. */
const jsonOf = (example: object, fields: Record<string, unknown>): string =>
  `{${[...Object.entries(example), ...Object.entries(fields)]
    .map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one)}`)
    .join(",")}}`;

/** Someone of that role, freshly signed in: made anew now and then, and when a request was the last one's end. */
function people(house: Appliance) {
  const tokens: Record<string, string> = {};
  const asked = { admin: 0, member: 0 };
  let made = 0;
  return async (role: "admin" | "member"): Promise<string> => {
    const known = asked[role]++ % 500 === 0 ? undefined : tokens[role];
    const alive = known !== undefined && (await house.get("/auth/sessions/current", { token: known }));
    if (alive && alive.status === 200 && alive.body.user.role === role) return known;
    const { token } = await house.addSession(await house.addUser(`${role}${made++}`, { role }));
    tokens[role] = token;
    return token;
  };
}

const inside = /\bat .+:\d+:\d+|node_modules|\/src\/|\.ts\b|SQLITE|\bselect\b.+\bfrom\b|typebox/i;

function judge(
  shot: Shot,
  { path, method, responses }: Endpoint,
  answer: { readonly status: number; readonly said: string },
  check: Check,
): void {
  const { status, said } = answer;
  if (status >= 500) throw new Error(`${status}: ${said}`);
  if (inside.test(said) && status >= 400) throw new Error(`it shows its inside: ${said}`);
  if (status < 400) return;
  if (said.includes(canary)) throw new Error(`it echoes: ${said}`);
  if (shot.method === "HEAD") return;
  const wrong = check({ $ref: "#/components/schemas/Error" }, JSON.parse(said));
  if (wrong !== null) throw new Error(`${wrong}: ${said}`);
  const direct = !path.includes("{") || /^\w+$/.test(shot.id);
  if (direct && shot.method === method && responses[String(status)] === undefined)
    throw new Error(`${status} is not described: ${said}`);
}

test("nothing that is sent breaks the house, shows its inside, or comes back", async () => {
  await using house = await startAppliance();
  const document = await documentOf(house);
  const endpoints = endpointsOf(document);
  const byKey = new Map(endpoints.map((endpoint) => [endpoint.key, endpoint]));
  const check = checkerOf(document);
  const tokenOf = people(house);
  const counted: Record<number, number> = {};
  await fc.assert(
    fc.asyncProperty(shots(endpoints), async (shot) => {
      const { key, method, id, query, fields, raw, who, headers } = shot;
      const endpoint = byKey.get(key);
      if (!endpoint) throw new Error(`nothing is described as ${key}`);
      // So slowly that nobody is limited.
      house.advance(0.2);
      const token = who === "nobody" || headers.authorization ? undefined : await tokenOf(who);
      const path = endpoint.path.replace("{id}", () => id) + (query && `?${query}`);
      const sends = method !== "GET" && method !== "HEAD";
      const answer = await house.app.handle(
        new Request(`http://localhost:8420${path}`, {
          method,
          headers: {
            ...(sends && { "content-type": "application/json" }),
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...headers,
          },
          ...(sends && { body: raw ?? jsonOf((endpoint.body?.example as object) ?? {}, fields) }),
        }),
      );
      counted[answer.status] = (counted[answer.status] ?? 0) + 1;
      judge(shot, endpoint, { status: answer.status, said: await answer.text() }, check);
    }),
    settings,
  );
  expect(house.lines.filter((line) => line.startsWith("error"))).toEqual([]);
  expect(({} as Record<string, unknown>).admin).toBeUndefined();
  // Shots that all miss would prove nothing.
  for (const status of [200, 400, 401, 403, 404])
    expect([status, counted[status]]).not.toEqual([status, undefined]);
}, 60_000);

// Elysia words a wrong value by writing it out, and these cannot be written.
test("an object whose `toString` is no function is a wrong value like any other", async () => {
  await using house = await startAppliance();
  for (const odd of ["toString", "valueOf"])
    for (const body of [
      `{"username":{"${odd}":1},"password":"x"}`,
      `{"username":"a","password":[{"${odd}":1}]}`,
    ])
      expect([body, (await house.post("/auth/local/login", body)).status]).toEqual([body, 400]);
});

test("asking changes nothing: every GET, twice, leaves the tables as they were", async () => {
  await using scene = await openScene();
  for (const endpoint of endpointsOf(await documentOf(scene.house)).filter(
    ({ method }) => method === "GET",
  )) {
    const pairs = (endpoint.parameters ?? []).filter((one) => one.in === "query");
    const query = pairs.map(({ name, example }) => `${name}=${encodeURIComponent(example)}`).join("&");
    const before = dump(scene.house);
    for (const change of [{}, {}, { query: `?${query}` }, { anonymous: true } as const])
      await scene.ask(endpoint, change);
    expect([endpoint.key, dump(scene.house) === before]).toEqual([endpoint.key, true]);
  }
});
