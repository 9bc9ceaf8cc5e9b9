/** WebAuthn's JSON as it comes in, bare (WebAuthn Level 3 §5.1.8 to §5.1.10), and a passkey as it goes out. */
import { Type } from "@sinclair/typebox";
import type { Passkey } from "../identity/passkey.ts";
import { Refusal } from "../identity/refusal.ts";
import type { Assertion, Creation } from "../identity/webauthn.ts";
import * as shape from "./shape.ts";

/** Base64url; what it may hold is for the core to say. */
const encoded = (most = 40_000) => shape.text(most, 1);

const transports = () =>
  shape.optional(
    Type.Array(Type.String({ pattern: "^[a-z0-9-]{1,32}$", description: "Like `internal` or `usb`." }), {
      maxItems: 8,
    }),
  );

/** What is the same in both answers of an authenticator. */
const around = () => ({
  id: encoded(4096),
  rawId: encoded(4096),
  type: shape.text(32, 1),
  authenticatorAttachment: shape.optional(shape.text(32)),
  clientExtensionResults: shape.optional(shape.object({})),
});

/** The fields of a `RegistrationResponseJSON`. */
export const creationFields = () => ({
  ...around(),
  response: shape.object({
    clientDataJSON: encoded(),
    attestationObject: encoded(),
    authenticatorData: shape.optional(encoded()),
    transports: transports(),
    publicKeyAlgorithm: shape.optional(Type.Integer()),
    publicKey: shape.optional(encoded()),
  }),
});

/** The fields of an `AuthenticationResponseJSON`. */
export const assertionFields = () => ({
  ...around(),
  response: shape.object({
    clientDataJSON: encoded(),
    authenticatorData: encoded(),
    signature: encoded(),
    userHandle: shape.optional(shape.text(256)),
  }),
});

/** Either answer, bare or within `response`: what is missing is said by `creationIn` and `assertionIn`. */
export const eitherFields = () => {
  const inner = {
    clientDataJSON: shape.optional(encoded()),
    attestationObject: shape.optional(encoded()),
    authenticatorData: shape.optional(encoded()),
    signature: shape.optional(encoded()),
    userHandle: shape.optional(shape.text(256)),
    transports: transports(),
    publicKeyAlgorithm: shape.optional(Type.Integer()),
    publicKey: shape.optional(encoded()),
  };
  const outer = {
    id: shape.optional(encoded(4096)),
    rawId: shape.optional(encoded(4096)),
    type: shape.optional(shape.text(32, 1)),
    authenticatorAttachment: shape.optional(shape.text(32)),
    clientExtensionResults: shape.optional(shape.object({})),
  };
  return {
    ...outer,
    response: shape.object({ ...outer, ...inner, response: shape.optional(shape.object(inner)) }),
  };
};

interface Inner {
  readonly clientDataJSON?: string | undefined;
  readonly attestationObject?: string | undefined;
  readonly authenticatorData?: string | undefined;
  readonly signature?: string | undefined;
  readonly userHandle?: string | undefined;
  readonly transports?: string[] | undefined;
}

interface Outer {
  readonly id?: string | undefined;
  readonly rawId?: string | undefined;
  readonly type?: string | undefined;
}

export type Either = Outer & { readonly response: Outer & Inner & { readonly response?: Inner | undefined } };

/** Refuses: `INVALID_REQUEST`. */
export function creationIn(body: Either): Creation {
  const { id, rawId, type, response, at } = unwrapped(body);
  const { clientDataJSON, attestationObject, transports } = response;
  const found = required({ id, rawId, type }, at);
  const inner = required({ clientDataJSON, attestationObject }, `${at}response.`);
  return { ...found, response: { ...inner, transports } };
}

/** Refuses: `INVALID_REQUEST`. */
export function assertionIn(body: Either): Assertion {
  const { id, rawId, type, response, at } = unwrapped(body);
  const { clientDataJSON, authenticatorData, signature, userHandle } = response;
  const found = required({ id, rawId, type }, at);
  const inner = required({ clientDataJSON, authenticatorData, signature }, `${at}response.`);
  return { ...found, response: { ...inner, userHandle } };
}

/** `at`: where the answer stands in the body. */
function unwrapped(body: Either): Outer & { readonly response: Inner; readonly at: string } {
  const { response } = body;
  if (response.response === undefined) return { ...body, at: "" };
  return { ...response, response: response.response, at: "response." };
}

function required<Name extends string>(
  fields: Readonly<Record<Name, string | undefined>>,
  at: string,
): Record<Name, string> {
  const missing = Object.entries(fields).filter(([, value]) => value === undefined);
  if (missing.length === 0) return fields as Record<Name, string>;
  const details = missing.map(([name]) => ({ path: at + name, message: "This is required." }));
  throw new Refusal("INVALID_REQUEST", { details });
}

export const passkeyWire = (passkey: Passkey) => ({
  id: passkey.id,
  name: passkey.name,
  created_at: passkey.createdAt.toISOString(),
  last_used_at: passkey.lastUsedAt?.toISOString() ?? null,
  device_type: passkey.deviceType,
  backed_up: passkey.backedUp,
  transports: passkey.transports,
  aaguid: passkey.aaguid,
});
