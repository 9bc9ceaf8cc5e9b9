/** Who may do what, on every endpoint there is: the description says, and the house does. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Permission, permissionsOf } from "../../src/identity/permission.ts";
import { type Appliance, startAppliance } from "../harness.ts";
import { documentOf, type Endpoint, endpointsOf, refusalsOf, takesPeople } from "./document.ts";
import { withoutPermission } from "./refusals.ts";
import { type Change, openScene, type Scene } from "./scene.ts";
import { dump } from "./tables.ts";

let house: Appliance;
let endpoints: Endpoint[];

beforeAll(async () => {
  house = await startAppliance();
  endpoints = endpointsOf(await documentOf(house));
});

afterAll(() => house[Symbol.asyncDispose]());

/** The refusals that are about who asks; null: it is not refused for that. */
type Expected = keyof typeof statuses | null;

const statuses = {
  UNAUTHENTICATED: 401,
  API_KEY_NOT_ALLOWED: 403,
  FORBIDDEN: 403,
  FRESH_LOGIN_REQUIRED: 403,
} as const;

const lacks = (role: "admin" | "member", { "x-permission": permission }: Endpoint): boolean =>
  permission !== undefined && !permissionsOf(role).includes(permission as Permission);

interface Caller {
  /** What they show. */
  shows(scene: Scene): Promise<Change>;

  /** What becomes of them where a caller has to be signed in; of a key anywhere. */
  expects(endpoint: Endpoint): Expected;

  readonly isKey?: true;
}

const stranger = (): Expected => "UNAUTHENTICATED";
const stale = (role: "admin" | "member", endpoint: Endpoint): Expected => {
  if (lacks(role, endpoint)) return "FORBIDDEN";
  return endpoint["x-fresh"] ? "FRESH_LOGIN_REQUIRED" : null;
};

/** A key is let in where the endpoint says so, as far as its scopes go. */
const asKey =
  (scopes: readonly string[], role: "admin" | "member" = "admin") =>
  (endpoint: Endpoint): Expected => {
    if (refusalsOf(endpoint)["403"]?.includes("API_KEY_NOT_ALLOWED")) return "API_KEY_NOT_ALLOWED";
    const permission = endpoint["x-permission"];
    return permission && (lacks(role, endpoint) || !scopes.includes(permission)) ? "FORBIDDEN" : null;
  };

const deadKey = ({ security }: Endpoint): Expected => (security.length > 0 ? "UNAUTHENTICATED" : null);

async function makeKey({ house, admin: { token } }: Scene, scopes: readonly string[]): Promise<any> {
  return (await house.post("/v1/auth/api-keys", { name: "k", scopes }, { token })).body.data;
}

const callers: Readonly<Record<string, Caller>> = {
  nobody: { shows: async () => ({ anonymous: true }), expects: stranger },
  "a member": {
    shows: async ({ member: { token } }) => ({ token }),
    expects: (endpoint) => (lacks("member", endpoint) ? "FORBIDDEN" : null),
  },
  "an admin": { shows: async ({ admin: { token } }) => ({ token }), expects: () => null },
  "an admin whose session was ended": {
    async shows({ house, admin }) {
      const { token, id } = await house.addSession(admin.user);
      await house.delete(`/auth/sessions/${id}`, { token: admin.token });
      return { token };
    },
    expects: stranger,
  },
  "an admin whose account is disabled": {
    async shows({ house, admin }) {
      const user = await house.addUser("gone", { role: "admin" });
      const { token } = await house.addSession(user);
      const asked = { token: admin.token, body: { disabled: true } };
      await house.call("PATCH", `/auth/users/${user.id}`, asked);
      return { token };
    },
    expects: stranger,
  },
  "an admin who signed in an hour ago": {
    async shows({ house, admin: { token } }) {
      house.advance(3600);
      return { token };
    },
    expects: (endpoint) => stale("admin", endpoint),
  },
  "a member who signed in an hour ago": {
    async shows({ house, member: { token } }) {
      house.advance(3600);
      return { token };
    },
    expects: (endpoint) => stale("member", endpoint),
  },
  "an admin's API key with every scope": {
    shows: async ({ tokens: { key = "" } }) => ({ token: key }),
    expects: asKey(permissionsOf("admin")),
    isKey: true,
  },
  "the JWT of an admin's API key with every scope": {
    shows: async ({ tokens: { jwt = "" } }) => ({ token: jwt }),
    expects: (endpoint) =>
      takesPeople(endpoint) || endpoint.security.length === 0
        ? asKey(permissionsOf("admin"))(endpoint)
        : "UNAUTHENTICATED",
    isKey: true,
  },
  "an API key without the scope to read a profile": {
    shows: async (scene) => ({ token: (await makeKey(scene, ["forward:auth", "users:read"])).key }),
    expects: asKey(["forward:auth", "users:read"]),
    isKey: true,
  },
  "an API key that was deleted": {
    async shows(scene) {
      const { id, key } = await makeKey(scene, permissionsOf("admin"));
      await scene.house.delete(`/v1/auth/api-keys/${id}`, { token: scene.admin.token });
      return { token: key };
    },
    expects: deadKey,
    isKey: true,
  },
};

const about = [...Object.keys(statuses), "UNAUTHORIZED"];

/** The machine surface has a word of its own. */
const wordFor = (code: string, path: string): string =>
  code === "UNAUTHENTICATED" && path.startsWith("/v1/auth/") ? "UNAUTHORIZED" : code;

function expectedOf(caller: Caller, endpoint: Endpoint, asCookie: boolean): Expected {
  const guarded = endpoint.security.length > 0;
  if (caller.isKey && !asCookie) return caller.expects(endpoint);
  if (!guarded) return null;
  // A key is none in a cookie, and nobody who is a person can be exchanged for a token.
  return asCookie && caller.isKey
    ? "UNAUTHENTICATED"
    : takesPeople(endpoint)
      ? caller.expects(endpoint)
      : "UNAUTHENTICATED";
}

for (const [who, caller] of Object.entries(callers))
  test(`${who} is let in and refused as every endpoint says, and leaves no trace when refused`, async () => {
    let scene = await openScene();
    try {
      let shown = await caller.shows(scene);
      for (const endpoint of endpoints) {
        for (const asCookie of [false, true]) {
          const expected = expectedOf(caller, endpoint, asCookie);
          const { token } = shown;
          if (asCookie && token === undefined) continue;
          const before = dump(scene.house);
          const change = asCookie ? { cookie: `housekey=${token}` } : shown;
          const { status, body } = await scene.ask(endpoint, change);
          const code = body?.error?.code;
          if (expected !== null) {
            const word = wordFor(expected, endpoint.path);
            expect([endpoint.key, status, code]).toEqual([endpoint.key, statuses[expected], word]);
            expect([endpoint.key, dump(scene.house) === before]).toEqual([endpoint.key, true]);
            continue;
          }
          expect([endpoint.key, about.includes(code) ? code : null]).toEqual([endpoint.key, null]);
          // It may have ended the very session it came by.
          if (dump(scene.house) === before) continue;
          await scene[Symbol.asyncDispose]();
          scene = await openScene();
          shown = await caller.shows(scene);
        }
      }
    } finally {
      await scene[Symbol.asyncDispose]();
    }
  });

test("each endpoint asks for the very permission it names, and for no other", async () => {
  let scene = await openScene();
  try {
    for (const endpoint of endpoints.filter(({ security }) => security.length > 0)) {
      const asked: Permission[] = [];
      // Whoever is let in hears that the body is wrong, and nothing happens.
      const { properties = {} } = (endpoint.body?.schema ?? {}) as { properties?: object };
      const change = {
        id: "none",
        fields: Object.fromEntries(Object.keys(properties).map((name) => [name, []])),
      };
      for (const permission of [...permissionsOf("admin")]) {
        const before = dump(scene.house);
        const { body } = await withoutPermission(permission, () => scene.ask(endpoint, change));
        if (body?.error?.code === "FORBIDDEN") asked.push(permission);
        if (dump(scene.house) === before) continue;
        await scene[Symbol.asyncDispose]();
        scene = await openScene();
      }
      const named = endpoint["x-permission"];
      expect([endpoint.key, asked]).toEqual([endpoint.key, named ? [named as Permission] : []]);
    }
  } finally {
    await scene[Symbol.asyncDispose]();
  }
});
