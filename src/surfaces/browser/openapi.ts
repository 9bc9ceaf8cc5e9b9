/** What the browser surface tells those who write a client for it. */
import type { Surface } from "../../http/openapi.ts";
import { adminEndpoints } from "./openapi-admin.ts";
import { forwardEndpoints } from "./openapi-forward.ts";
import { ownEndpoints } from "./openapi-own.ts";
import { passkeyEndpoints, passkeySchemas } from "./openapi-passkey.ts";
import { providerEndpoints, providerSchemas } from "./openapi-provider.ts";
import { schemas } from "./openapi-schemas.ts";

export const described: Surface = {
  tags: [
    { name: "Sign-in", description: "Becoming somebody: by password, by a link, by an invitation." },
    { name: "Passkeys", description: "Signing in with what one holds, instead of what one knows." },
    { name: "Sessions", description: "Where an account is signed in. Whatever its kind, it can be ended." },
    { name: "Account", description: "What people do with their own account." },
    { name: "People", description: "The accounts of the house, for those who look after it." },
    { name: "Invitations", description: "Links by which people make their own account." },
    { name: "Other provider", description: "Where else people may come from, as an admin sets it up." },
    { name: "Other applications", description: "Whom a proxy lets in to applications that know nobody." },
    { name: "House", description: "Settings, first set-up, and what happened." },
  ],
  schemas: { ...schemas, ...passkeySchemas, ...providerSchemas },
  endpoints: {
    ...ownEndpoints,
    ...passkeyEndpoints,
    ...adminEndpoints,
    ...providerEndpoints,
    ...forwardEndpoints,
  },
};
