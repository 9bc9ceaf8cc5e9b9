import type { ValidationError } from "elysia";
import { type Detail, Refusal } from "../identity/refusal.ts";

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly description?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A schema failure in the contract's words: each field once, what it should have been, never what was sent. */
export function invalidRequest(error: Readonly<ValidationError>): Refusal {
  const details = new Map<string, Detail>();
  for (const wrong of error.all) {
    if (!("path" in wrong)) continue;
    const path = wrong.path.slice(1).replaceAll("/", ".");
    const message = expected(wrong.schema as Schema, wrong.value);
    if (!details.has(path)) details.set(path, { path, message });
  }
  return new Refusal("INVALID_REQUEST", { details: [...details.values()] });
}

function expected(schema: Schema, value: unknown): string {
  if (value === undefined) return "This is required.";
  if (schema.description) return schema.description;
  const choices = (schema.anyOf ?? [schema]).map((choice) => choice.const).filter((one) => one !== undefined);
  if (choices.length > 0) return `Must be one of: ${choices.join(", ")}.`;
  if (schema.type === "string")
    return `Must be text${span(schema.minLength, schema.maxLength, " characters")}.`;
  if (schema.type === "integer") return `Must be a whole number${span(schema.minimum, schema.maximum, "")}.`;
  if (schema.type === "boolean") return "Must be true or false.";
  if (schema.type === "array") return "Must be a list.";
  return "Must be an object.";
}

function span(from: number | undefined, to: number | undefined, unit: string): string {
  if (from !== undefined && to !== undefined) return ` of ${from} to ${to}${unit}`;
  if (to !== undefined) return ` of at most ${to}${unit}`;
  return from === undefined ? "" : ` of at least ${from}${unit}`;
}
