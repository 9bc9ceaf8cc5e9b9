/** How to be refused what has to do with another provider. */
import type { Answered } from "../harness.ts";
import { sharedProvider } from "../upstream/scene.ts";
import type { Endpoint } from "./document.ts";
import type { Scene } from "./scene.ts";

type Provoke = (scene: Scene, endpoint: Endpoint) => Promise<Answered> | Answered;

/** Nobody listens there. */
const nowhere = "http://127.0.0.1:1";

/** The settings change as if another admin had been quicker. */
function change({ house }: Scene, facts: { enabled?: boolean; issuer?: string }): Promise<unknown> {
  return house.core.store.write(async (tx) => {
    const current = await tx.providers.current();
    return current && tx.providers.put({ ...current, ...facts, revision: current.revision + 1 });
  });
}

const switchedOff: Provoke = async (scene, endpoint) => {
  await change(scene, { enabled: false });
  return scene.ask(endpoint);
};

export const upstreamRefusals: Readonly<Record<string, Provoke>> = {
  "PUT /auth/provider/oidc BUSY": (scene, endpoint) => {
    const { core } = scene.house;
    const discover = async () => void (await change(scene, {}));
    Object.assign(core, { upstream: { ...core.upstream, discover } });
    return scene.ask(endpoint);
  },
  "PUT /auth/provider/oidc INVALID_PROVIDER": ({ ask }, endpoint) =>
    ask(endpoint, { fields: { issuer: nowhere } }),
  "PUT /auth/provider/oidc LAST_SIGN_IN_METHOD": async ({ ask, house }, endpoint) => {
    await house.core.store.write((tx) => tx.settings.put({ localLogin: false }));
    Object.assign(house.core.fixed, { googleClientId: null });
    return ask(endpoint, { fields: { enabled: false } });
  },
  "PATCH /auth/settings LAST_SIGN_IN_METHOD": async (scene, endpoint) => {
    await change(scene, { enabled: false });
    Object.assign(scene.house.core.fixed, { googleClientId: null });
    return scene.ask(endpoint, { body: { local_login: false } });
  },
  "GET /auth/oidc/login NOT_FOUND": switchedOff,
  "POST /auth/oidc/link NOT_FOUND": switchedOff,
  "POST /auth/oidc/link UPSTREAM_UNAVAILABLE": async (scene, endpoint) => {
    await change(scene, { issuer: nowhere });
    return scene.ask(endpoint);
  },
  "POST /auth/oidc/two-factor INVALID_CHALLENGE": ({ ask }, endpoint) =>
    ask(endpoint, { cookie: `housekey-challenge=${"0".repeat(64)}` }),
  "DELETE /auth/identities/{id} LAST_SIGN_IN_METHOD": async ({ admin, ask, house }, endpoint) => {
    await house.core.store.write((tx) => tx.users.update(admin.user.id, { passwordHash: null }));
    return ask(endpoint);
  },
  "POST /api/v1/auth/google NOT_FOUND": ({ ask, house }, endpoint) => {
    Object.assign(house.core.fixed, { googleClientId: null });
    return ask(endpoint);
  },
  "POST /api/v1/auth/google REGISTRATION_CLOSED": async ({ ask, house }, endpoint) => {
    await house.core.store.write((tx) => tx.settings.put({ registration: "closed" }));
    const { idToken } = await sharedProvider();
    return ask(endpoint, { fields: { id_token: await idToken({ sub: "stranger" }) } });
  },
  "POST /api/v1/auth/google UPSTREAM_UNAVAILABLE": ({ ask, house }, endpoint) => {
    Object.assign(house.core.fixed, { googleIssuer: nowhere });
    return ask(endpoint);
  },
};
