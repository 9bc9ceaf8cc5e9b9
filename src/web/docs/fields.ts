import { type Document, resolve, type Schema } from "./document.ts";
import { make } from "./element.ts";

/** Every field of an object, one line each, nested ones below theirs; null where there are none. */
export function fieldList(schema: Schema, document: Document): HTMLUListElement | null {
  const { items, properties, required = [] } = resolve(schema, document);
  if (items) return fieldList(items, document);
  if (!properties) return null;
  const list = make("ul", "", "fields");
  for (const [name, property] of Object.entries(properties)) {
    const field = resolve(property, document);
    const line = fieldLine(name, kindOf(field, document), required.includes(name), field.description);
    const nested = fieldList(field, document);
    if (nested) line.append(nested);
    list.append(line);
  }
  return list;
}

/** One line about one field, of a body or of an address. */
export function fieldLine(name: string, kind: string, isRequired: boolean, meaning?: string): HTMLLIElement {
  const line = make("li", "");
  const facts = isRequired ? kind : `${kind}, optional`;
  line.append(make("code", name), " ", make("span", facts, "soft"));
  if (meaning !== undefined) line.append(make("p", meaning, "hint"));
  return line;
}

/** What a value is, in words. */
export function kindOf(schema: Schema, document: Document): string {
  const { enum: choices, format, items, nullable, type = "anything" } = schema;
  const end = nullable ? " or null" : "";
  if (items) return `list of ${kindOf(resolve(items, document), document)}${end}`;
  const named = choices?.filter((choice) => choice !== null);
  if (named) return `${named.length > 1 ? "one of " : ""}${named.map(String).join(", ")}${end}`;
  if (format === "date-time") return `time${end}`;
  return `${wordFor(type)}${span(schema)}${end}`;
}

const words: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  boolean: "true or false",
};

const wordFor = (type: string): string => words[type] ?? type;

function span({ minimum, maximum, minLength, maxLength }: Schema): string {
  const [from, to] = [minimum ?? minLength, maximum ?? maxLength];
  const unit = maxLength === undefined ? "" : " characters";
  if (to === undefined) return "";
  return from ? `, ${from} to ${to}${unit}` : `, at most ${to}${unit}`;
}
