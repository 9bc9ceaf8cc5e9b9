/**
 * The description of the appliance, made from its routes: paths, parameters and bodies are what the routes
 * check, refusals are worded as the server words them, and the surfaces add what only they know.
 *
 * Loaded when somebody asks for it: a house that nobody writes a client for has no need of it.
 */
import { filterPaths, registerSchemaPath } from "@elysiajs/swagger/utils";
import { requireBody } from "./body.ts";
import { limitRow } from "./limits.ts";
import { type Endpoint, type Parameter, responsesOf, type Who } from "./openapi-answers.ts";
import { headers, securitySchemes, sharedSchemas, whatHoldsEverywhere } from "./openapi-house.ts";
import { requestSchema, type Schemas } from "./openapi-schema.ts";

/** What a surface says about itself. */
export interface Surface {
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly schemas: Schemas;

  /** By method and path: `DELETE /auth/sessions/{id}`. */
  readonly endpoints: Readonly<Record<string, Endpoint>>;
}

export interface Route {
  readonly method: string;
  readonly path: string;
  readonly hooks: Hooks;
}

interface Hooks {
  readonly body?: unknown;
  readonly query?: unknown;
  readonly beforeHandle?: unknown;
}

export interface House {
  readonly version: string;

  /** What the session cookie is called in this house. */
  readonly cookie: string;
}

interface Operation {
  operationId: string;
  parameters?: { readonly in: string; readonly name: string }[];
  requestBody?: { required: boolean; content: Record<string, { schema: unknown; example?: unknown }> };
}

type Operations = Record<string, Record<string, Operation>>;

/** The OpenAPI document. A route that no surface describes is none of a client's business: a page, an asset. */
export function describe(routes: readonly Route[], surfaces: readonly Surface[], house: House): object {
  const schemas: Schemas = Object.assign({}, sharedSchemas, ...surfaces.map((surface) => surface.schemas));
  const endpoints = new Map(surfaces.flatMap((surface) => Object.entries(surface.endpoints)));
  const paths: Operations = {};
  for (const { method, path: routed, hooks } of routes) {
    const path = routed.replace(/:(\w+)/g, "{$1}");
    const endpoint = endpoints.get(`${method} ${path}`);
    if (!endpoint) continue;
    const { body, query } = hooks;
    const detail = detailOf({ method, path, body, endpoint, schemas });
    // The plugin believes that a route without a named parser takes forms, too; ours take JSON alone.
    const hook = { body, query, detail, parse: ["json"] } as never;
    registerSchemaPath({ schema: paths as never, path: routed, method, hook, models: {} });
    complete(paths[path]?.[method.toLowerCase()], endpoint, hooks);
  }
  return {
    openapi: "3.0.3",
    info: { title: "Housekey", version: house.version, description: whatHoldsEverywhere },
    servers: [{ url: "/", description: "This house" }],
    tags: surfaces.flatMap((surface) => surface.tags),
    paths: withParameters(paths, endpoints),
    components: { schemas, headers, securitySchemes: securitySchemes(house.cookie) },
  };
}

interface Described {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly endpoint: Endpoint;
  readonly schemas: Schemas;
}

function detailOf({ method, path, body, endpoint, schemas }: Described): object {
  const { tag, summary, description, who } = endpoint;
  const limit = limitRow(method, path);
  return {
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: who ? securityOf(who) : [],
    ...(who?.permission && { "x-permission": who.permission }),
    ...(who?.fresh && { "x-fresh": true }),
    ...(limit !== null && { "x-limit": limit }),
    responses: responsesOf({ method, path, body: body ? requiredOf(body) : null }, endpoint, schemas),
  };
}

const key = { api_key: [] };

function securityOf({ key: keys, basic }: Who): object[] {
  if (keys === "only") return [key];
  return [{ bearer: [] }, { cookie: [] }, ...(keys ? [key] : []), ...(basic ? [{ basic: [] }] : [])];
}

const requiredOf = (body: unknown): readonly string[] => (body as { required?: string[] })?.required ?? [];

function complete(
  operation: Operation | undefined,
  { request }: Endpoint,
  { body, beforeHandle }: Hooks,
): void {
  if (!operation) return;
  operation.operationId = operation.operationId.replace(/\W+(\w)/g, (_, letter: string) =>
    letter.toUpperCase(),
  );
  if (!operation.requestBody) return;
  operation.requestBody = {
    required: requiredOf(body).length > 0 || wantsBody(beforeHandle),
    content: { "application/json": { schema: requestSchema(body), example: request ?? {} } },
  };
}

const wantsBody = (hooks: unknown): boolean =>
  Array.isArray(hooks) && hooks.some((hook) => hook === requireBody || hook?.fn === requireBody);

/** The plugin finds the path's parameters, too, but last; what they mean stands with the endpoint. */
function withParameters(paths: Operations, endpoints: ReadonlyMap<string, Endpoint>): Operations {
  const found: Operations = filterPaths(paths, { excludeStaticFile: false, exclude: [] });
  for (const [path, operations] of Object.entries(found))
    for (const [method, operation] of Object.entries(operations)) {
      const { parameters: meant = {}, headers = {} } = endpoints.get(`${method.toUpperCase()} ${path}`) ?? {};
      const parameters = (operation.parameters ?? []).map((one) => ({
        ...(requestSchema(one) as typeof one),
        ...meant[one.name],
      }));
      parameters.push(...Object.entries(headers).map(headerParameter));
      if (parameters.length > 0) operation.parameters = parameters;
      else delete operation.parameters;
    }
  return found;
}

const headerParameter = ([name, meant]: [string, Parameter]) => ({
  in: "header",
  name,
  required: false,
  schema: { type: "string" },
  ...meant,
});
