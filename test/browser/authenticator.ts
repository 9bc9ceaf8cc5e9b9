/** Passkeys in Chromium, by its virtual authenticator (Chrome DevTools Protocol, domain WebAuthn). */
import type { CDPSession, Page } from "playwright-core";

export interface Authenticator {
  /** How many passkeys it holds. */
  count(): Promise<number>;

  /** Whether it answers; one that does not is like a finger that is elsewhere. */
  present(is: boolean): Promise<void>;

  /** Unplugs it; answers what plugs it in again, with its passkeys. */
  unplug(): Promise<() => Promise<Authenticator>>;
}

/** Plugs in a new one that knows its owner and says yes to everything. */
export async function plugIn(page: Page, transport: "internal" | "usb" = "internal"): Promise<Authenticator> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable", { enableUI: false });
  return add(devtools, transport, []);
}

type Credential = Parameters<typeof hold>[2];

async function add(
  devtools: CDPSession,
  transport: "internal" | "usb",
  credentials: readonly Credential[],
): Promise<Authenticator> {
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  for (const credential of credentials) await hold(devtools, authenticatorId, credential);
  const held = async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
  return {
    count: async () => (await held()).length,
    async present(enabled) {
      await devtools.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled });
    },
    async unplug() {
      const kept = await held();
      await devtools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
      return () => add(devtools, transport, kept);
    },
  };
}

async function hold(
  devtools: CDPSession,
  authenticatorId: string,
  credential: {
    credentialId: string;
    isResidentCredential: boolean;
    rpId?: string;
    privateKey: string;
    userHandle?: string;
    signCount: number;
  },
): Promise<void> {
  await devtools.send("WebAuthn.addCredential", { authenticatorId, credential });
}
