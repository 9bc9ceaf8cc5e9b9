/** Schemas of answers as OpenAPI 3.0 writes them. Every leaf carries an example, so a whole one can be put together. */

export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly enum?: readonly unknown[];
  readonly nullable?: boolean;
  readonly description?: string;
  readonly example?: unknown;
  readonly items?: Schema;
  readonly properties?: Schemas;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly $ref?: string;
}

export type Schemas = Readonly<Record<string, Schema>>;

export const text = (example: string): Schema => ({ type: "string", example });

export const secret = (characters: number): Schema => ({
  type: "string",
  pattern: `^[0-9a-f]{${characters}}$`,
  example: "3f9c0a71d2e48b56".repeat(characters / 16),
});

const sample = "01kg0q2v9hexq8t4n7c5m3b2za";

/** An identifier as the house makes them: what it names, then 26 characters that sort by their moment. */
export const id = (prefix: string): Schema => ({
  type: "string",
  pattern: `^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`,
  example: `${prefix}_${sample}`,
});

export const time = (example: string): Schema => ({ type: "string", format: "date-time", example });

export const whole = (example: number): Schema => ({ type: "integer", minimum: 0, example });

export const flag = (example: boolean): Schema => ({ type: "boolean", example });

/** One of `values`; the first is the example. */
export const choice = (...values: readonly string[]): Schema => ({
  type: "string",
  enum: values,
  example: values[0],
});

/** OpenAPI 3.0.3 wants null in an enum as well, where there is one. */
export const nullable = (schema: Schema, example = schema.example): Schema => ({
  ...schema,
  ...(schema.enum && { enum: [...schema.enum, null] }),
  nullable: true,
  example,
});

export const list = (items: Schema): Schema => ({ type: "array", items });

/** Names that are not known beforehand; `example` says some. */
export const map = (values: Schema, example: object): Schema => ({
  type: "object",
  additionalProperties: values,
  example,
});

/** All of `properties` are always there, but the optional ones. */
export const object = (properties: Schemas, ...optional: readonly string[]): Schema => ({
  type: "object",
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});

/** One or the other; the first is the example. */
export const either = (...schemas: readonly Schema[]): Schema => ({ oneOf: schemas });

const home = "#/components/schemas/";

/** One of the document's own schemas. */
export const ref = (name: string): Schema => ({ $ref: home + name });

/** What an answer of that schema may look like; `schemas` are the ones that can be referred to. */
export function exampleOf(schema: Schema, schemas: Schemas): unknown {
  if (schema.$ref !== undefined) return exampleOf(schemas[schema.$ref.slice(home.length)] ?? {}, schemas);
  if (schema.example !== undefined) return schema.example;
  if (schema.oneOf?.[0]) return exampleOf(schema.oneOf[0], schemas);
  if (schema.items) return [exampleOf(schema.items, schemas)];
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, one]) => [name, exampleOf(one, schemas)]),
  );
}

/** A schema of a request, as Elysia checks it, in the words of OpenAPI 3.0, which knows no `const`. */
export function requestSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(requestSchema);
  if (typeof schema !== "object" || schema === null) return schema;
  const { anyOf, ...rest } = schema as { anyOf?: readonly { const?: unknown }[]; const?: unknown };
  if (rest.const !== undefined) return { type: "string", enum: [rest.const] };
  if (anyOf?.every((one) => one.const !== undefined))
    return { ...rest, type: "string", enum: anyOf.map((one) => one.const) };
  return Object.fromEntries(Object.entries(schema).map(([name, one]) => [name, requestSchema(one)]));
}
