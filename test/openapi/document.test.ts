import { afterAll, beforeAll, expect, test } from "bun:test";
import { join, relative } from "node:path";
import { validate } from "@readme/openapi-parser";
import { embedPages } from "../../src/web/embed.macro.ts";
import { type Appliance, startAppliance } from "../harness.ts";
import {
  checkerOf,
  type Document,
  documentOf,
  type Endpoint,
  endpointsOf,
  refusalsOf,
  successesOf,
} from "./document.ts";

/** The rows of the contract that exist by now. */
const now = `
  GET /auth/options
  POST /auth/bootstrap/complete
  POST /auth/bootstrap/tokens
  GET /auth/bootstrap/tokens
  DELETE /auth/bootstrap/tokens/{id}
  POST /auth/local/login
  POST /auth/sessions/revoke-all
  GET /auth/sessions/stats
  GET /auth/sessions
  DELETE /auth/sessions
  GET /auth/sessions/current
  DELETE /auth/sessions/current
  GET /auth/sessions/current/permissions
  POST /auth/sessions/current/confirm
  DELETE /auth/sessions/{id}
  POST /auth/password
  PATCH /auth/me
  DELETE /auth/me
  GET /auth/users
  POST /auth/users
  GET /auth/users/{id}
  PATCH /auth/users/{id}
  DELETE /auth/users/{id}
  GET /auth/users/{id}/sessions
  GET /auth/users/{id}/api-keys
  POST /auth/users/{id}/recovery
  POST /auth/recovery/info
  POST /auth/recovery/complete
  POST /auth/invites
  GET /auth/invites
  DELETE /auth/invites/{id}
  POST /auth/invites/info
  POST /auth/invites/accept
  GET /auth/audit
  GET /auth/stats
  POST /auth/mail/test
  GET /auth/doctor
  GET /auth/forward
  GET /auth/settings
  PATCH /auth/settings
  POST /auth/verify
  POST /auth/sessions
  POST /auth/email
  POST /auth/email/verify
  GET /.well-known/jwks.json
  GET /.well-known/webauthn
  POST /api/v1/auth/register
  POST /api/v1/auth/register/verify
  POST /api/v1/auth/login
  POST /api/v1/auth/refresh
  POST /api/v1/auth/logout
  GET /api/v1/auth/me
  POST /api/v1/auth/otp/send
  POST /api/v1/auth/otp/login
  POST /api/v1/auth/reset-password
  GET /api/v1/auth/sessions
  DELETE /api/v1/auth/sessions/{session_id}
  DELETE /api/v1/auth/sessions
  GET /api/v1/auth/2fa/status
  POST /api/v1/auth/2fa/setup
  POST /api/v1/auth/2fa/enable
  POST /api/v1/auth/2fa/disable
  POST /api/v1/auth/2fa/verify
  POST /api/v1/auth/2fa/backup-codes/regenerate
  POST /v1/auth/token
  GET /v1/auth/me
  POST /v1/auth/api-keys
  GET /v1/auth/api-keys
  DELETE /v1/auth/api-keys/{id}
  POST /api/auth/login
  POST /api/auth/logout
  POST /api/auth/device/create
  POST /api/auth/device/poll
  POST /api/auth/device/info
  POST /api/auth/device/authorize
  POST /api/auth/device/deny
  POST /api/auth/device/link/status
  GET /api/session/list
  DELETE /api/session/{id}
  GET /api/sessions/list
  DELETE /api/sessions/{id}
  POST /v1/auth/device-code
  GET /v1/auth/device-code/{code}
  GET /auth/device
  GET /link
  GET /api/v1/auth/passkey/list
  POST /api/v1/auth/passkey/register/options
  POST /api/v1/auth/passkey/register/verify
  POST /api/v1/auth/passkey/login/options
  POST /api/v1/auth/passkey/login/verify
  PATCH /api/v1/auth/passkey/{passkey_id}
  DELETE /api/v1/auth/passkey/{passkey_id}
  POST /auth/passkeys/register/options
  POST /auth/passkeys/register/verify
  POST /auth/passkeys/authenticate/options
  POST /auth/passkeys/authenticate/verify
  GET /auth/passkeys
  DELETE /auth/passkeys/{id}
  POST /auth/recovery/passkey/options
  POST /api/auth/passkey/options
  POST /api/auth/passkey/verify
  GET /auth/provider/oidc
  PUT /auth/provider/oidc
  POST /auth/provider/oidc/test
  GET /auth/oidc/login
  GET /auth/oidc/callback
  POST /auth/oidc/two-factor
  POST /auth/oidc/link
  GET /auth/identities
  DELETE /auth/identities/{id}
  POST /api/v1/auth/google
  GET /healthz
  GET /readyz
  GET /metrics
  GET /docs
  GET /docs/json
`;

const rows = (table: string): string[] => table.trim().split(/\s*\n\s*/);

let house: Appliance;
let document: Document;
let endpoints: Endpoint[];

beforeAll(async () => {
  house = await startAppliance();
  document = await documentOf(house);
  endpoints = endpointsOf(document);
});

afterAll(() => house[Symbol.asyncDispose]());

test("every endpoint there is stands in the description, and nothing else does", () => {
  const described = endpoints.map(({ key }) => key).sort();
  expect(described).toEqual(rows(now).sort());
});

test("no route is left undescribed but pages and what they load", () => {
  // The page that stands at the root has a path of its own as well.
  const pages = new Set(["/", "/assets/:name", ...embedPages().map(({ path }) => path)]);
  const routes = house.app.routes
    .filter(({ path }) => !pages.has(path) || path === "/docs")
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`)
    // Where any method will do, GET stands for all of them.
    .filter((key) => !/^(?:HEAD|ALL) /.test(key));
  expect(routes.sort()).toEqual(endpoints.map(({ key }) => key).sort());
});

test("no two endpoints say the same of themselves", () => {
  const summaries = endpoints.map(({ summary }) => summary).sort();
  expect(summaries).toEqual([...new Set(summaries)]);
});

test("the description is OpenAPI 3 by the letter", async () => {
  expect(document.openapi).toMatch(/^3\.0\.\d$/);
  const judged = await validate(structuredClone(document) as never);
  expect(judged).toMatchObject({ valid: true, warnings: [] });
});

test("every endpoint says who may ask, what it takes, what it answers, and every way to be refused", () => {
  const tags = document.tags.map(({ name }) => name);
  for (const { key, path, method, ...operation } of endpoints) {
    const { summary, security, body, parameters = [], responses } = operation;
    const surface = path.startsWith("/auth/");
    expect([key, summary.length > 5, operation.operationId]).toEqual([
      key,
      true,
      expect.stringMatching(/^[a-z]\w+$/i),
    ]);
    expect(tags).toContain(operation.tags[0] ?? "no tag");
    const person: object[] = [{ bearer: [] }, { cookie: [] }];
    const own = { api_key: [] };
    expect([[], person, [...person, own], [...person, own, { basic: [] }], [own]]).toContainEqual([
      ...security,
    ]);
    if (security.length > 0 && !JSON.stringify(security).includes("api_key"))
      expect([key, refusalsOf(operation as never)["403"]]).toEqual([
        key,
        expect.arrayContaining(["API_KEY_NOT_ALLOWED"]),
      ]);
    if (operation["x-permission"] || operation["x-fresh"]) expect(security).not.toEqual([]);
    if (body) expect([key, Object.keys(body)]).toEqual([key, ["schema", "example"]]);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(parameters.filter((one) => one.in === "path").map(({ name }) => name)).toEqual(inPath as string[]);
    for (const one of parameters)
      expect([key, one.name, one.description?.length > 5, typeof one.example]).toEqual([
        key,
        one.name,
        true,
        "string",
      ]);
    const promised = ["400", "500"];
    if (surface) promised.push("429", "503");
    if (surface && method !== "GET") promised.push("403", "413", "415");
    if (security.length > 0) promised.push("401");
    if (operation["x-permission"] || operation["x-fresh"]) promised.push("403");
    // A short code that is none reads as one that expired.
    if (inPath.length > 0 && !inPath.includes("code")) promised.push("404");
    expect([key, Object.keys(responses)]).toEqual([key, expect.arrayContaining(promised)]);
    expect(successesOf(operation).length).toBeGreaterThan(0);
    for (const [status, { description, content }] of Object.entries(responses)) {
      expect([key, status, description.length > 2]).toEqual([key, status, true]);
      expect([key, status, content !== undefined]).toEqual([
        key,
        status,
        !["204", "302", "304"].includes(status) && `${key} ${status}` !== "GET /auth/forward 200",
      ]);
    }
  }
});

test("every refusal has the error's schema, and the codes of its status by name", () => {
  for (const { key, responses } of endpoints)
    for (const [status, { content }] of Object.entries(responses).filter(([one]) => Number(one) >= 400)) {
      const media: any = content?.["application/json"];
      const { schema, examples } = media;
      const [error, codes] = schema.allOf;
      expect(error).toEqual({ $ref: "#/components/schemas/Error" });
      const named = codes.properties.error.properties.code.enum;
      expect([key, status, Object.keys(examples)]).toEqual([key, status, named]);
      expect(new Set(named).size).toBe(named.length);
    }
});

test("every example is as its schema says", () => {
  const check = checkerOf(document);
  for (const { key, body, parameters = [], responses } of endpoints) {
    if (body) expect([key, check(body.schema, body.example)]).toEqual([key, null]);
    for (const one of parameters)
      expect([key, one.name, check(one.schema, one.example)]).toEqual([key, one.name, null]);
    for (const [status, { content }] of Object.entries(responses))
      for (const { schema, example, examples = {} } of Object.values(content ?? {})) {
        const shown = Number(status) < 400 ? [example] : Object.values(examples).map(({ value }) => value);
        expect(shown.length).toBeGreaterThan(0);
        for (const value of shown) expect([key, status, check(schema, value)]).toEqual([key, status, null]);
      }
  }
});

test("every schema is used", () => {
  const written = JSON.stringify(document);
  for (const name of Object.keys(document.components.schemas))
    expect([name, written.includes(`"#/components/schemas/${name}"`)]).toEqual([name, true]);
});

test("the session cookie has the name that it has in this house", async () => {
  const named = async (url: string) => {
    await using own = await startAppliance({ values: { url } });
    return (await documentOf(own)).components.securitySchemes.cookie.name;
  };
  expect(await named("http://nas.lan")).toBe("housekey");
  expect(await named("https://auth.example.org")).toBe("__Host-housekey");
});

test("nothing of the description is loaded before somebody asks for it", async () => {
  const src = join(import.meta.dir, "../../src");
  const transpiler = new Bun.Transpiler({ loader: "ts" });
  const seen = new Set<string>();
  async function walk(file: string): Promise<void> {
    if (seen.has(file)) return;
    seen.add(file);
    const code = await Bun.file(file).text();
    for (const { kind, path } of transpiler.scanImports(code)) {
      if (kind !== "import-statement") continue;
      if (path.endsWith(".ts") && path.startsWith(".")) await walk(join(file, "..", path));
      else seen.add(path);
    }
  }
  await walk(join(src, "server.ts"));
  const loaded = [...seen].map((file) => (file.startsWith(src) ? relative(src, file) : file));
  expect(loaded).toContain("surfaces/public/docs.ts");
  expect(loaded.filter((file) => file.includes("openapi") || file.includes("swagger"))).toEqual([]);
});
