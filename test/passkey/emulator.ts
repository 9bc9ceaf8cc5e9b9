/** An authenticator that somebody else wrote. */
import { createRequire } from "node:module";
import WebAuthnEmulator, { AuthenticatorEmulator } from "nid-webauthn-emulator";
import { cbor } from "./authenticator.ts";

// Its CBOR is written through a Node stream that, on Bun, hands out the first byte alone; the writer is ours.
const own = createRequire(createRequire(import.meta.url).resolve("nid-webauthn-emulator"));
Object.assign(own("cbor"), { encode: cbor });

export type Emulator = InstanceType<typeof WebAuthnEmulator>;

export const emulator = (facts: ConstructorParameters<typeof AuthenticatorEmulator>[0] = {}): Emulator =>
  new WebAuthnEmulator(new AuthenticatorEmulator(facts));
