/** The description of a running house, as its tests read it. */
import { Ajv, type ValidateFunction } from "ajv";
import type { Appliance } from "../harness.ts";

export type Schema = Readonly<Record<string, unknown>>;

export interface Media {
  readonly schema: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: any }>>;
}

export interface Response {
  readonly description: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, Media>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly required: boolean;
  readonly description: string;
  readonly example: string;
  readonly schema: Schema;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly "x-permission"?: string;
  readonly "x-fresh"?: true;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Response>>;
}

export interface Document {
  readonly openapi: string;
  readonly info: { readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly headers: Readonly<Record<string, unknown>>;
    readonly securitySchemes: { readonly cookie: { readonly name: string } };
  };
}

/** An operation with its place: `POST`, `/auth/users/{id}/recovery`. */
export interface Endpoint extends Operation {
  readonly key: string;
  readonly method: string;
  readonly path: string;

  /** The schema of its body; null where it takes none. */
  readonly body: Media | null;
}

export async function documentOf(house: Appliance): Promise<Document> {
  const { status, body } = await house.get("/docs/json");
  if (status !== 200) throw new Error(`no description: ${status}`);
  return body;
}

export const endpointsOf = ({ paths }: Document): Endpoint[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      key: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      body: operation.requestBody?.content["application/json"] ?? null,
    })),
  );

/** Whether API keys are let in. */
export const takesKeys = ({ security }: Operation): boolean => security.some((one) => "api_key" in one);

/** Whether people are: one endpoint takes a key and nothing else. */
export const takesPeople = ({ security }: Operation): boolean => security.some((one) => "bearer" in one);

/** The codes that an operation may refuse with, by status. */
export function refusalsOf({ responses }: Operation): Record<string, string[]> {
  const codes = Object.entries(responses).map(([status, { content }]): [string, string[]] => [
    status,
    Object.keys(content?.["application/json"]?.examples ?? {}),
  ]);
  return Object.fromEntries(codes.filter(([, found]) => found.length > 0));
}

export const successesOf = ({ responses }: Operation): [number, Response][] =>
  Object.entries(responses)
    .filter(([status]) => Number(status) < 400)
    .map(([status, response]) => [Number(status), response]);

/** Schemas say nothing of further fields, so that clients outlive new ones. Here every field has to be described. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const { allOf, ...rest } = schema as Record<string, unknown>;
  const inner = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, closed(value)]));
  const open = inner.properties === undefined || "additionalProperties" in inner;
  return { ...inner, ...(!open && { additionalProperties: false }), ...(allOf !== undefined && { allOf }) };
}

/** Answers what is wrong with a value, in words; null when nothing is. */
export type Check = (schema: Schema, value: unknown) => string | null;

export function checkerOf({ components }: Document): Check {
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  ajv.addFormat("date", /^\d{4}-\d\d-\d\d$/);
  const known = new Map<Schema, ValidateFunction>();
  const schemas = closed(components.schemas);
  return (schema, value) => {
    const validate =
      known.get(schema) ?? ajv.compile({ ...(closed(schema) as object), components: { schemas } });
    known.set(schema, validate);
    return validate(value) ? null : ajv.errorsText(validate.errors);
  };
}
