/** What the scene of the description's tests has of another provider. */
import { insertIdentity } from "../../src/identity/identity.ts";
import { mintProof } from "../../src/identity/proof.ts";
import type { Appliance } from "../harness.ts";
import type { Person } from "../openapi/scene.ts";
import { client, type Provider, startProvider } from "./provider.ts";

let shared: Promise<Provider> | undefined;

/** One provider for all houses of the process, at the moment they all begin. */
export function sharedProvider(): Promise<Provider> {
  shared ??= startProvider({ now: () => new Date("2026-01-01T00:00:00Z") });
  return shared;
}

/** What a house is told of it by its environment, and keeps nowhere. */
export async function tellProvider({ core }: Appliance): Promise<void> {
  const { issuer } = await sharedProvider();
  Object.assign(core.fixed, { googleClientId: client.id, googleIssuer: issuer });
}

/** The provider set up, an identity of the admin's and of the member's there, and what people bring from it. */
export async function openProvider(
  house: Appliance,
  { admin, member, secured }: Record<"admin" | "member" | "secured", Person>,
) {
  const { core } = house;
  const { issuer, idToken } = await sharedProvider();
  return core.store.write(async (tx) => {
    const facts = {
      sealedSecret: null,
      clientId: client.id,
      name: "Example ID",
      scopes: ["openid"],
      revision: 1,
    };
    const flags = { enabled: true, autoProvision: false, linkByEmail: false };
    await tx.providers.put({ issuer, ...facts, ...flags });
    const linked = await insertIdentity(core, tx, admin.user.id, claimsOf(issuer, "root"));
    await insertIdentity(core, tx, member.user.id, claimsOf(issuer, "ada"));
    const asked = { purpose: "upstream", userId: secured.user.id, methods: ["oidc"], seconds: 300 } as const;
    const { token } = await mintProof(core, tx, asked);
    return {
      identity: linked?.id ?? "",
      tokens: { issuer, upstream: token, google: await idToken({ sub: "ada" }) },
    };
  });
}

const claimsOf = (issuer: string, subject: string) => ({
  issuer,
  subject,
  email: null,
  name: null,
  handle: null,
});
