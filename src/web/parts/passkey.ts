/** Passkeys in the browser; what goes wrong there reads like a refusal of the house. */
import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
  WebAuthnError,
} from "@simplewebauthn/browser";
import { type Answer, ask, type Refused, refusal } from "./ask.ts";
import { isNumber } from "./host.ts";

/** Good for one sign-in or one confirmation. */
export interface PasskeyProof {
  readonly token: string;
  readonly username: string;
}

/** False on plain http anywhere but on localhost, at an IP address, and in old browsers. */
export const canUsePasskeys = (): boolean =>
  browserSupportsWebAuthn() && window.isSecureContext && !isNumber(location.hostname);

interface Proving {
  /** Waits in the name field for as long as it takes. */
  readonly autofill?: boolean;

  /** Another name the house is known by to passkeys: the one it had before it moved. */
  readonly rpId?: string;
}

/** Has a passkey prove who is there. */
export async function provePasskey({ autofill = false, rpId }: Proving = {}): Promise<Answer<PasskeyProof>> {
  if (!canUsePasskeys()) return refusal("PASSKEY_INSECURE");
  if (autofill && !(await browserSupportsWebAuthnAutofill())) return refusal("PASSKEY_CANCELLED");
  const path = "/auth/passkeys/authenticate";
  const options = await ask<PublicKeyCredentialRequestOptionsJSON>("POST", `${path}/options`);
  if (!options.ok) return options;
  try {
    const optionsJSON = rpId === undefined ? options.body : { ...options.body, rpId };
    const response = await startAuthentication({ optionsJSON, useBrowserAutofill: autofill });
    return await ask<PasskeyProof>("POST", `${path}/verify`, response);
  } catch (error) {
    return failed(error);
  }
}

/** Makes a passkey by options of the house's; what `send` gets goes back to it. */
export async function makePasskey<Body>(
  optionsJSON: PublicKeyCredentialCreationOptionsJSON,
  send: (response: object) => Promise<Answer<Body>>,
): Promise<Answer<Body>> {
  try {
    return await send(await startRegistration({ optionsJSON }));
  } catch (error) {
    return failed(error);
  }
}

/** Ends what waits in the name field. */
export const stopAutofill = (): void => WebAuthnAbortService.cancelCeremony();

function failed(error: unknown): Refused {
  if (error instanceof WebAuthnError && error.code === "ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED")
    return refusal("PASSKEY_EXISTS");
  const cancelled = error instanceof Error && /^(NotAllowed|Abort)Error$/.test(error.name);
  return refusal(cancelled ? "PASSKEY_CANCELLED" : "PASSKEY_FAILED");
}
