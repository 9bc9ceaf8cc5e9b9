/** How to get every refusal that the description promises: as a rule by its code, where that will not do by its place. */

import { creationExample } from "../../src/http/openapi-webauthn.ts";
import { newId } from "../../src/identity/id.ts";
import { type Permission, permissionsOf } from "../../src/identity/permission.ts";
import { Refusal, type RefusalCode } from "../../src/identity/refusal.ts";
import { hashSecret } from "../../src/identity/secret.ts";
import type { Answered, Appliance } from "../harness.ts";
import type { Endpoint } from "./document.ts";
import { upstreamRefusals } from "./refusals-upstream.ts";
import { openScene, type Person, type Scene } from "./scene.ts";

export type Provoke = (scene: Scene, endpoint: Endpoint) => Promise<Answered> | Answered;

/** Nobody has `permission` while `work` runs: the answer tells whether anybody asked for it. */
export async function withoutPermission<Result>(
  permission: Permission,
  work: () => Promise<Result>,
): Promise<Result> {
  const lists = [permissionsOf("admin"), permissionsOf("member")] as Permission[][];
  const before = lists.map((list) => [...list]);
  for (const list of lists) list.splice(0, list.length, ...list.filter((one) => one !== permission));
  try {
    return await work();
  } finally {
    for (const [index, list] of lists.entries()) list.splice(0, list.length, ...(before[index] ?? []));
  }
}

/** A house in which everything that touches the store meets `error`. */
export function breakStore({ core }: Appliance, error: Error): void {
  const broken: object = new Proxy(
    Object.assign(() => {}, {}),
    {
      get: () => broken,
      apply() {
        throw error;
      },
    },
  );
  Object.assign(core, { store: broken });
}

const disable = (scene: Scene, id: string) =>
  scene.house.call("PATCH", `/auth/users/${id}`, { token: scene.admin.token, body: { disabled: true } });

/** Leaves the first admin the only one. */
async function dropSpare({ house, admin }: Scene): Promise<void> {
  const { users } = (await house.get("/auth/users", { token: admin.token })).body;
  const { id } = users.find(({ username }: { username: string }) => username === "spare");
  await house.delete(`/auth/users/${id}`, { token: admin.token });
}

/** The member's account is disabled so quietly that their codes are left. */
const switchedOff = (scene: Scene, endpoint: Endpoint) => askDisabled(scene, endpoint, scene.member);

async function askDisabled({ ask, house }: Scene, endpoint: Endpoint, { user }: Person): Promise<Answered> {
  const { write } = house.core.store;
  await write((tx) => tx.users.update(user.id, { disabledAt: new Date(0) }));
  const answer = await ask(endpoint);
  await write((tx) => tx.users.update(user.id, { disabledAt: null }));
  return answer;
}

async function withoutLocalLogin({ ask, house }: Scene, endpoint: Endpoint): Promise<Answered> {
  await house.core.store.write((tx) => tx.settings.put({ localLogin: false }));
  return ask(endpoint);
}

const keyDisabled = (scene: Scene, endpoint: Endpoint) => askDisabled(scene, endpoint, scene.keyed);

const elsewhere = ({ ask }: Scene, endpoint: Endpoint) =>
  ask(endpoint, { fields: { origin: "https://evil.example" } });

const onlyByKey = async ({ ask, house, keyed }: Scene, endpoint: Endpoint) => {
  await house.core.store.write((tx) => tx.users.update(keyed.user.id, { passwordHash: null }));
  return ask(endpoint);
};

const byCode: Partial<Record<RefusalCode | "INTERNAL" | "UNAUTHORIZED", Provoke>> = {
  ALREADY_ENABLED: ({ ask, secured }, endpoint) => ask(endpoint, { token: secured.token }),
  API_KEY_NOT_ALLOWED: ({ ask, tokens }, endpoint) => ask(endpoint, { token: tokens.key ?? "" }),
  BODY_TOO_LARGE: ({ ask }, endpoint) => ask(endpoint, { body: { pad: "x".repeat(70_000) } }),
  BOOTSTRAP_TOKEN_INVALID: ({ ask }, endpoint) => ask(endpoint, { fields: { token: "wrong" } }),
  BUSY: ({ ask, house }, endpoint) => {
    const busy = () => Promise.reject(new Refusal("BUSY", { retryAfter: 2 }));
    Object.assign(house.core.hasher, { hash: busy, verify: busy });
    const fresh = { password: "difference engine" };
    return ask(endpoint, endpoint.body?.example === undefined ? {} : { fields: fresh });
  },
  CODE_ALREADY_DECIDED: async ({ admin, ask, house, tokens }, endpoint) => {
    await house.post("/api/auth/device/deny", { code: tokens.deviceCode }, { token: admin.token });
    return ask(endpoint);
  },
  EMAIL_TAKEN: ({ ask }, endpoint) => ask(endpoint, { fields: { email: "root@example.com" } }),
  FORBIDDEN: ({ ask }, endpoint) =>
    withoutPermission(endpoint["x-permission"] as Permission, () => ask(endpoint)),
  FRESH_LOGIN_REQUIRED: ({ ask, house }, endpoint) => {
    house.advance(901);
    return ask(endpoint);
  },
  INTERNAL: ({ ask, house }, endpoint) => {
    breakStore(house, new Error("select * from users"));
    return ask(endpoint);
  },
  INVALID_CREDENTIALS: ({ ask }, endpoint) =>
    ask(endpoint, { fields: { password: "wrong", current_password: "wrong" } }),
  INVALID_REQUEST: ({ ask }, endpoint) => ask(endpoint, { headers: { host: "two hosts" } }),
  INVALID_CODE: ({ ask }, endpoint) => ask(endpoint, { fields: { code: "wrong", token: "wrong" } }),
  INVALID_CHALLENGE: ({ ask }, endpoint) => ask(endpoint, { fields: { challenge_token: "wrong" } }),
  INVALID_TOKEN: ({ ask }, endpoint) =>
    ask(endpoint, { fields: { token: "wrong", refresh_token: "wrong", id_token: "wrong" } }),
  PASSKEY_REJECTED: ({ ask }, endpoint) =>
    ask(endpoint, { fields: endpoint.body?.example as Record<string, unknown> }),
  NOT_ENABLED: ({ admin, ask }, endpoint) => ask(endpoint, { token: admin.token }),
  NOT_FOUND: ({ ask }, endpoint) =>
    ask(endpoint, { id: "usr_nobody", fields: { user_id: "usr_nobody", code: "ZZZZ-2222" } }),
  // Elsewhere than on the browser surface a foreign page is refused only the cookie.
  ORIGIN_NOT_ALLOWED: ({ admin, ask }, endpoint) =>
    ask(endpoint, {
      origin: "https://evil.example",
      ...(!endpoint.path.startsWith("/auth/") && { cookie: `housekey=${admin.token}` }),
    }),
  REGISTRATION_CLOSED: async ({ ask, house }, endpoint) => {
    await house.core.store.write((tx) => tx.settings.put({ registration: "closed" }));
    return ask(endpoint);
  },
  RATE_LIMITED: ({ ask, house }, endpoint) => {
    const refused = { allowed: false, limit: 10, remaining: 0, reset: 30 };
    Object.assign(house.core.limiter, { take: () => refused });
    return ask(endpoint, { anonymous: true });
  },
  STORE_UNAVAILABLE: ({ ask, house }, endpoint) => {
    breakStore(house, new Refusal("STORE_UNAVAILABLE", { retryAfter: 5 }));
    return ask(endpoint);
  },
  UNAUTHENTICATED: ({ ask }, endpoint) => ask(endpoint, { anonymous: true }),
  UNAUTHORIZED: ({ ask }, endpoint) => ask(endpoint, { anonymous: true }),
  UNSUPPORTED_MEDIA_TYPE: ({ ask }, endpoint) => ask(endpoint, { type: "text/plain", body: "{}" }),
  USERNAME_TAKEN: ({ ask }, endpoint) => ask(endpoint, { fields: { username: "ada" } }),
  WEAK_PASSWORD: ({ ask }, endpoint) =>
    ask(endpoint, {
      fields: { password: "short", new_password: "short", current_password: "analytical engine" },
    }),
};

/** Refusals after which a house is as it was. */
export const traceless: ReadonlySet<string> = new Set([
  "API_KEY_NOT_ALLOWED",
  "BODY_TOO_LARGE",
  "FORBIDDEN",
  "INVALID_REQUEST",
  "ORIGIN_NOT_ALLOWED",
  "UNAUTHENTICATED",
  "UNAUTHORIZED",
  "UNSUPPORTED_MEDIA_TYPE",
]);

/** With another token than the operator's. */
async function watchWrongly(endpoint: Endpoint, limited: boolean): Promise<Answered> {
  await using scene = await openScene({ metrics_token: "watch me" });
  if (limited)
    Object.assign(scene.house.core.limiter, {
      take: () => ({ allowed: false, limit: 10, remaining: 0, reset: 30 }),
    });
  return await scene.ask(endpoint, { headers: { authorization: "Bearer wrong" } });
}

const byPlace: Readonly<Record<string, Provoke>> = {
  "DELETE /auth/me LAST_ADMIN": async (scene, endpoint) => {
    await dropSpare(scene);
    return scene.ask(endpoint);
  },
  "DELETE /auth/users/{id} LAST_ADMIN": async (scene, endpoint) => {
    await dropSpare(scene);
    return scene.ask(endpoint, { id: scene.admin.user.id });
  },
  // A page has many parts: only wrong credentials count.
  "GET /auth/forward RATE_LIMITED": ({ ask, house }, endpoint) => {
    Object.assign(house.core.limiter, {
      take: () => ({ allowed: false, limit: 600, remaining: 0, reset: 30 }),
    });
    return ask(endpoint, { token: "wrong" });
  },
  "GET /metrics NOT_FOUND": ({ ask }, endpoint) => ask(endpoint, { headers: { via: "1.1 proxy" } }),
  "GET /metrics RATE_LIMITED": (_, endpoint) => watchWrongly(endpoint, true),
  "GET /metrics UNAUTHENTICATED": (_, endpoint) => watchWrongly(endpoint, false),
  "PATCH /auth/settings SETTING_FIXED": async (_, endpoint) => {
    await using fixed = await openScene({ registration: "open" });
    return await fixed.ask(endpoint);
  },
  "PATCH /auth/users/{id} LAST_ADMIN": async (scene, endpoint) => {
    await dropSpare(scene);
    return scene.ask(endpoint, { id: scene.admin.user.id, fields: { disabled: true } });
  },
  ...upstreamRefusals,
  "POST /auth/oidc/two-factor ACCOUNT_DISABLED": (scene, endpoint) =>
    askDisabled(scene, endpoint, scene.secured),
  "POST /api/v1/auth/google ACCOUNT_DISABLED": switchedOff,
  "POST /api/v1/auth/2fa/verify ACCOUNT_DISABLED": (scene, endpoint) =>
    askDisabled(scene, endpoint, scene.secured),
  "POST /auth/local/login INVALID_CODE": ({ ask }, endpoint) =>
    ask(endpoint, { fields: { username: "secured", code: "wrong" } }),
  "POST /auth/local/login TOTP_REQUIRED": ({ ask }, endpoint) =>
    ask(endpoint, { fields: { username: "secured" } }),
  "POST /auth/sessions TOTP_REQUIRED": async ({ ask, house }, endpoint) => {
    await house.post("/auth/verify", { email: "secured" });
    const token = await house.codeFor("secured@example.com");
    return ask(endpoint, { fields: { email: "secured", token } });
  },
  "DELETE /api/v1/auth/passkey/{passkey_id} LAST_SIGN_IN_METHOD": onlyByKey,
  "DELETE /auth/passkeys/{id} LAST_SIGN_IN_METHOD": onlyByKey,
  "POST /auth/sessions INVALID_TOKEN": ({ ask }, endpoint) =>
    ask(endpoint, { fields: { method: "passkey" } }),
  "POST /auth/recovery/complete PASSKEY_REJECTED": ({ ask }, endpoint) =>
    ask(endpoint, { fields: { password: undefined, passkey: creationExample } }),
  "POST /api/auth/passkey/options ORIGIN_NOT_ALLOWED": elsewhere,
  "POST /api/auth/passkey/verify ORIGIN_NOT_ALLOWED": elsewhere,
  "POST /auth/passkeys/authenticate/verify ACCOUNT_DISABLED": keyDisabled,
  "POST /api/v1/auth/passkey/login/verify ACCOUNT_DISABLED": keyDisabled,
  "POST /api/auth/passkey/verify ACCOUNT_DISABLED": keyDisabled,
  "POST /auth/sessions/current/confirm PASSKEY_REJECTED": ({ ask }, endpoint) =>
    ask(endpoint, { fields: { passkey_token: "wrong" } }),
  "POST /auth/sessions/current/confirm TOTP_REQUIRED": ({ ask, secured }, endpoint) =>
    ask(endpoint, { token: secured.token }),
  "POST /auth/sessions/current/confirm INVALID_CODE": async ({ admin, ask, house }, endpoint) => {
    await house.core.store.write((tx) => tx.users.update(admin.user.id, { passwordHash: null }));
    return ask(endpoint, { body: { code: "wrong" } });
  },
  "POST /auth/bootstrap/complete ALREADY_BOOTSTRAPPED": async ({ ask, house }, endpoint) => {
    const at = new Date("2026-01-01");
    const facts = { kind: "first_run", note: null, createdBy: null, spentAt: at } as const;
    const token = { ...facts, id: newId("bst", at), tokenHash: hashSecret("first"), createdAt: at };
    await house.core.store.write((tx) => tx.bootstraps.insert({ ...token, expiresAt: at }));
    return ask(endpoint, { fields: { token: "first" } });
  },
  "POST /api/auth/login ACCOUNT_DISABLED": switchedOff,
  "POST /api/auth/login INVALID_CODE": ({ ask }, endpoint) =>
    ask(endpoint, { fields: { username: "secured", code: 1 } }),
  "POST /api/auth/login TOTP_REQUIRED": ({ ask }, endpoint) =>
    ask(endpoint, { fields: { username: "secured" } }),
  "POST /api/auth/login LOCAL_LOGIN_DISABLED": withoutLocalLogin,
  "POST /api/auth/logout INVALID_TOKEN": ({ ask }, endpoint) =>
    ask(endpoint, { fields: { token: "0".repeat(96) } }),
  "POST /api/v1/auth/login ACCOUNT_DISABLED": switchedOff,
  "POST /api/v1/auth/login LOCAL_LOGIN_DISABLED": withoutLocalLogin,
  "POST /api/v1/auth/logout ORIGIN_NOT_ALLOWED": ({ admin, ask }, endpoint) =>
    ask(endpoint, { origin: "https://evil.example", cookie: `housekey=${admin.token}`, body: {} }),
  "POST /api/v1/auth/logout UNAUTHENTICATED": ({ ask }, endpoint) => ask(endpoint, { body: {} }),
  "POST /api/v1/auth/otp/login ACCOUNT_DISABLED": switchedOff,
  "POST /auth/sessions ACCOUNT_DISABLED": switchedOff,
  "POST /auth/local/login ACCOUNT_DISABLED": async (scene, endpoint) => {
    await disable(scene, scene.member.user.id);
    return scene.ask(endpoint);
  },
  "POST /auth/local/login LOCAL_LOGIN_DISABLED": withoutLocalLogin,
  "POST /auth/users/{id}/recovery ACCOUNT_DISABLED": async (scene, endpoint) => {
    await disable(scene, scene.member.user.id);
    return scene.ask(endpoint);
  },
};

/** What nothing can break in a house that still answers at all. */
const unbreakable = ["GET /docs INTERNAL", "GET /healthz INTERNAL"];

/** How to be refused with `code` by `endpoint`; null where no way is known. Undefined: there is none. */
export function provocation({ key }: Endpoint, code: string): Provoke | null | undefined {
  const place = `${key} ${code}`;
  if (unbreakable.includes(place)) return undefined;
  return byPlace[place] ?? byCode[code as RefusalCode] ?? null;
}
