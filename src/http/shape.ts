/**
 * The fields that requests are made of. TypeBox's own types: Elysia's `t.Integer` and `t.Boolean` also take
 * strings, and a JSON client that sends `"5"` for 5 should hear of it.
 */
import { Type } from "@sinclair/typebox";
import { scopes as everyScope } from "../identity/api-key.ts";
import { bypassHostForm, mostBypassRules } from "../identity/bypass.ts";
import { emailForm, usernameForm } from "../identity/user.ts";

export const text = (most: number, least = 0) => Type.String({ minLength: least, maxLength: most });

export const integer = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum });

export const flag = () => Type.Boolean();

export const oneOf = <const Values extends readonly string[]>(...values: Values) =>
  Type.Unsafe<Values[number]>(Type.Union(values.map((value) => Type.Literal(value))));

export const username = () =>
  Type.String({
    pattern: usernameForm,
    description: "1 to 64 of the letters a to z, digits, dot, dash and underscore.",
  });

export const email = () =>
  Type.String({
    pattern: emailForm,
    maxLength: 254,
    description: "An e-mail address of at most 254 characters.",
  });

/** What a person types to say who they are: a username or an address. */
export const loginName = () => text(254, 1);

/** Up to 255 code points, which the core counts; a code point is at most two UTF-16 units. */
export const password = () => text(510, 1);

export const id = () => text(64, 1);

export const object = Type.Object;
export const optional = Type.Optional;

/** An origin of a house: scheme, host and perhaps a port, nothing behind it. */
export const origin = () =>
  Type.String({
    pattern: "^https?://(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:[0-9]{1,5})?/?$",
    maxLength: 255,
    description: "Like https://auth.example.org, with nothing behind the host and port.",
  });

/** A secret in a body; ours are 48 characters, an operator's own up to 256. */
export const token = () => text(256, 1);

/** A number in a query, which is text: 1 to `most` (at most 999). */
export const count = (most: 90 | 200) =>
  Type.String({
    pattern: most === 90 ? "^([1-9]|[1-8][0-9]|90)$" : "^([1-9]|[1-9][0-9]|1[0-9][0-9]|200)$",
    description: `A whole number from 1 to ${most}.`,
  });

/** A code as it was typed: digits or letters, perhaps with spaces or a dash. */
export const code = () => text(32, 1);

/** A field where null says something else than leaving it out; `isNull` of `body.ts` tells which it was. */
export const nullable = (schema: ReturnType<typeof text>) => ({ ...schema, nullable: true });

/** What another provider is asked to tell: names without spaces. */
export const openIdScopes = () =>
  Type.Array(Type.String({ pattern: "^[!#-\\[\\]-~]{1,64}$", description: "A name without spaces." }), {
    minItems: 1,
    maxItems: 20,
    uniqueItems: true,
  });

/** The same from clients that keep it as a number, which forgets the noughts in front. */
export const codeOrNumber = () =>
  Type.Unsafe<string | number>(
    Type.Union([code(), integer(0, 999_999)], { description: "A code, or its number." }),
  );

/** The code that such a client means. */
export const codeText = (given: string | number): string =>
  typeof given === "string" ? given : String(given).padStart(6, "0");

/** A secret of ours in a body, by its form. */
export const hex = (characters: number) =>
  Type.String({
    pattern: `^[0-9a-f]{${characters}}$`,
    description: `${characters} of the digits and the letters a to f.`,
  });

/** A moment as `toISOString` writes it. A day too many for its month is taken for the first of the next. */
export const moment = () =>
  Type.String({
    pattern:
      "^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\\.[0-9]{1,3})?Z$",
    description: "A moment in UTC, like 2026-01-31T12:00:00.000Z.",
  });

/** What is open to everybody at other applications; `isBypassRule` says which paths are plain. */
export const bypassRules = () =>
  Type.Array(
    Type.Object({
      host: Type.String({
        pattern: bypassHostForm,
        maxLength: 259,
        description: "A host in lower case like app.example.org, with its port where that is not 80 or 443.",
      }),
      path_prefix: text(512, 1),
    }),
    { maxItems: mostBypassRules },
  );

/** Permissions by their names, at least one. */
export const scopes = () => Type.Array(oneOf(...everyScope), { minItems: 1, maxItems: everyScope.length });
