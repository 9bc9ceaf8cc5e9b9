/** Rows of signing in with another provider, complete, with values that no test has to care about. */
import type { Identity } from "../../src/identity/identity.ts";
import type { Provider } from "../../src/identity/provider.ts";
import type { User } from "../../src/identity/user.ts";
import { at } from "./sample.ts";

export const identity = (name: string, owner: Pick<User, "id">, facts: Partial<Identity> = {}): Identity => ({
  id: `idn_${name}`,
  userId: owner.id,
  issuer: "https://id.example.org",
  subject: name,
  email: null,
  createdAt: at(0),
  lastUsedAt: null,
  ...facts,
});

/** The first that was set up. */
export const provider = (facts: Partial<Provider> = {}): Provider => ({
  issuer: "https://id.example.org",
  clientId: "housekey",
  sealedSecret: "sealed",
  name: "Example ID",
  scopes: ["openid", "email"],
  enabled: true,
  autoProvision: false,
  linkByEmail: false,
  revision: 1,
  ...facts,
});
