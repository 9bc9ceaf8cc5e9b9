/** What the house really answers, held against what it says it does. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Answered, type Appliance, startAppliance } from "../harness.ts";
import {
  type Check,
  checkerOf,
  documentOf,
  type Endpoint,
  endpointsOf,
  refusalsOf,
  successesOf,
  takesPeople,
} from "./document.ts";
import { provocation, traceless } from "./refusals.ts";
import { openScene } from "./scene.ts";

let house: Appliance;
let endpoints: Endpoint[];
let check: Check;

beforeAll(async () => {
  house = await startAppliance();
  const document = await documentOf(house);
  endpoints = endpointsOf(document);
  check = checkerOf(document);
});

afterAll(() => house[Symbol.asyncDispose]());

/** Whoever shows a token gets none. */
const onlyByCookie = "PATCH /auth/settings Set-Cookie";

/** What is wrong with an answer, in words; null when it is as the description says. */
function wrongWith({ key, responses }: Endpoint, { status, headers, body, text }: Answered): string | null {
  const response = responses[String(status)];
  if (!response) return `${key} answers ${status}, which is not described: ${text.slice(0, 200)}`;
  const [type, media] = Object.entries(response.content ?? {})[0] ?? [];
  if (!media) return text === "" ? null : `${key} ${status} should have no body`;
  if (headers.get("content-type")?.split(";")[0] !== type) return `${key} ${status} should be ${type}`;
  const wrong = check(media.schema, type === "application/json" ? body : text);
  const promised = Object.keys(response.headers).filter((name) => `${key} ${name}` !== onlyByCookie);
  const absent = promised.filter((name) => headers.get(name) === null);
  if (absent.length > 0) return `${key} ${status} lacks ${absent.join(", ")}`;
  return wrong && `${key} ${status}: ${wrong}: ${text.slice(0, 300)}`;
}

test("every example, sent as it stands, is answered with the success it promises", async () => {
  for (const endpoint of endpoints) {
    await using scene = await openScene();
    const answer = await scene.ask(endpoint);
    expect([endpoint.key, answer.status]).toEqual([endpoint.key, successesOf(endpoint)[0]?.[0] ?? 0]);
    expect(wrongWith(endpoint, answer)).toBe(null);
  }
});

test("the cookie opens whatever the token opens, and settings give it anew", async () => {
  for (const endpoint of endpoints.filter(takesPeople)) {
    await using scene = await openScene();
    const answer = await scene.ask(endpoint, { cookie: `housekey=${scene.holder(endpoint).token}` });
    expect([endpoint.key, answer.status]).toEqual([endpoint.key, successesOf(endpoint)[0]?.[0] ?? 0]);
    expect(wrongWith(endpoint, answer)).toBe(null);
    const renews = successesOf(endpoint).some(([, { headers }]) => "Set-Cookie" in headers);
    expect([endpoint.key, answer.headers.has("set-cookie")]).toEqual([endpoint.key, renews]);
  }
});

test("every parameter's example is taken", async () => {
  for (const endpoint of endpoints)
    for (const { name, example } of endpoint.parameters?.filter((one) => one.in === "query") ?? []) {
      await using scene = await openScene();
      const answer = await scene.ask(endpoint, { query: `?${name}=${encodeURIComponent(example)}` });
      expect([endpoint.key, name, answer.status]).toEqual([
        endpoint.key,
        name,
        successesOf(endpoint)[0]?.[0] ?? 0,
      ]);
      expect(wrongWith(endpoint, answer)).toBe(null);
    }
});

test("every refusal that is promised can be had, with its status, its form and its headers", async () => {
  for (const endpoint of endpoints) {
    await using shared = await openScene();
    for (const [status, codes] of Object.entries(refusalsOf(endpoint)))
      for (const code of codes) {
        const provoke = provocation(endpoint, code);
        if (provoke === undefined) continue;
        const place = `${endpoint.key} ${code}`;
        if (provoke === null) throw new Error(`nobody knows how to be refused: ${place}`);
        await using own = traceless.has(code) ? null : await openScene();
        const answer = await provoke(own ?? shared, endpoint);
        expect([place, answer.status, answer.body?.error?.code]).toEqual([place, Number(status), code]);
        expect(wrongWith(endpoint, answer)).toBe(null);
      }
  }
}, 300_000);

const wrongValues = [
  5,
  true,
  "",
  "x".repeat(600),
  [],
  {},
  ["x"],
  { x: 1 },
  -1,
  1e300,
  0.5,
  "\u0000",
  "\ud800",
];

test("wrong bodies are answered as described", async () => {
  for (const endpoint of endpoints.filter(({ body }) => body)) {
    await using scene = await openScene();
    const schema = endpoint.body?.schema as { properties: object; required?: string[] };
    for (const name of Object.keys(schema.properties))
      for (const value of [undefined, ...wrongValues]) {
        const answer = await scene.ask(endpoint, { fields: { [name]: value } });
        expect(wrongWith(endpoint, answer)).toBe(null);
        if (value === undefined && schema.required?.includes(name))
          expect([endpoint.key, name, answer.status]).toEqual([endpoint.key, name, 400]);
        // Whatever this ended is not what is tested.
        if (answer.status < 300 || answer.status === 401) break;
      }
    for (const body of ["{", "", "[]", "null", "1"])
      expect(wrongWith(endpoint, await scene.ask(endpoint, { body }))).toBe(null);
  }
});

test("no body is `{}` wherever the description says that it is not required", async () => {
  for (const endpoint of endpoints.filter(({ requestBody }) => requestBody)) {
    await using scene = await openScene();
    const { key, method, path, requestBody } = endpoint;
    const asked = { token: scene.holder(endpoint).token };
    const none = await scene.house.call(method, path.replace("{id}", scene.ids.users ?? ""), asked);
    const { details = [] } = none.body?.error ?? {};
    const wanted = details.some(({ path: at }: { path: string }) => at === "") || none.status === 401;
    const missing = details.some(({ message }: { message: string }) => message === "This is required.");
    expect([key, wanted || missing]).toEqual([key, requestBody?.required ?? false]);
  }
});
