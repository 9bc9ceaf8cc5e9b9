/** WebAuthn's JSON in the description: bare, as WebAuthn Level 3 §5.1.8 to §5.1.10 has it. */
import {
  choice,
  flag,
  id,
  list,
  nullable,
  object,
  type Schemas,
  text,
  time,
  whole,
} from "./openapi-schema.ts";

const credentialId = "5RuoH8pwUyeXQqOxg9tmMKC9W6eDOBYJZcVhZ1pEGho";
const challenge = "q7lUcKx8bEqRkAFbPZ2rJpTn1cUXBYvVUwLmYH4sS0k";
const transports = () => list(text("internal"));
const kind = () => choice("public-key");
const milliseconds = () => ({ ...whole(300_000), description: "In milliseconds." });

const descriptors = (description: string) => ({
  ...list(object({ id: text(credentialId), type: kind(), transports: transports() })),
  description,
});

export const webauthnSchemas: Schemas = {
  Passkey: object({
    id: id("psk"),
    name: text("Phone"),
    created_at: time("2026-01-31T12:00:00.000Z"),
    last_used_at: nullable(time("2026-02-01T08:00:00.000Z")),
    device_type: {
      ...choice("singleDevice", "multiDevice"),
      description: "`multiDevice`: it may be copied to other devices of its owner's.",
    },
    backed_up: { ...flag(false), description: "It has been." },
    transports: transports(),
    aaguid: { ...text("00000000-0000-0000-0000-000000000000"), description: "The make of authenticator." },
  }),
  CreationOptions: object({
    rp: object({ id: text("auth.example.org"), name: text("Housekey") }),
    user: object({
      id: {
        ...text("dXNyXzAxa2cwcTJ2OWhleHE4dDRuN2M1bTNiMnph"),
        description: "Base64url of the account's id.",
      },
      name: text("ada@example.com"),
      displayName: text("Ada Lovelace"),
    }),
    challenge: text(challenge),
    pubKeyCredParams: list(object({ type: kind(), alg: { type: "integer", example: -7 } })),
    timeout: milliseconds(),
    excludeCredentials: descriptors("What the account has already."),
    authenticatorSelection: object({
      residentKey: choice("preferred"),
      requireResidentKey: { type: "boolean", enum: [false], example: false },
      userVerification: choice("required"),
    }),
    attestation: choice("none"),
  }),
  RequestOptions: object({
    challenge: text(challenge),
    timeout: milliseconds(),
    rpId: text("auth.example.org"),
    allowCredentials: descriptors(
      "Empty without a name. A name without a passkey, or that is nobody's, gets some that nobody has.",
    ),
    userVerification: choice("required"),
  }),
};

const clientDataJSON = "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoicTdsVWNLIn0";
const around = { id: credentialId, rawId: credentialId, type: "public-key", clientExtensionResults: {} };

/** A `RegistrationResponseJSON`. */
export const creationExample = {
  ...around,
  response: {
    clientDataJSON,
    attestationObject: "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVg",
    transports: ["internal", "hybrid"],
  },
};

/** An `AuthenticationResponseJSON`. */
export const assertionExample = {
  ...around,
  response: {
    clientDataJSON,
    authenticatorData: "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MdAAAAAA",
    signature: "MEUCIQDQ0q",
    userHandle: "dXNyXzAxa2cwcTJ2OWhleHE4dDRuN2M1bTNiMnph",
  },
};
