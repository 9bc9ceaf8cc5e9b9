/** A house with something of everything in it, and how to ask each endpoint of it what its example asks. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scopes } from "../../src/identity/api-key.ts";
import type { User } from "../../src/identity/user.ts";
import type { Values } from "../../src/names.ts";
import { type Answered, type Appliance, type Asked, password, startAppliance } from "../harness.ts";
import { type KeyScene, openPasskeys } from "../passkey/scene.ts";
import { decode } from "../spa/tokens.ts";
import { codeAt, enrol } from "../two-factor/app.ts";
import { openProvider, tellProvider } from "../upstream/scene.ts";
import { type Endpoint, takesPeople } from "./document.ts";

export interface Person {
  readonly user: User;
  readonly token: string;
  readonly session: string;
}

export interface Scene {
  readonly house: Appliance;
  readonly admin: Person;
  readonly member: Person;

  /** Who asks an endpoint's example: mostly the admin. */
  holder(endpoint: Endpoint): Person;

  /** A member who has a passkey. */
  readonly keyed: Person;
  readonly keys: KeyScene;

  /** A member whose sign-in takes a second factor. */
  readonly secured: Person;

  /** Identifiers and tokens of what lies around, by the noun in the path. */
  readonly ids: Readonly<Record<string, string>>;
  readonly tokens: Readonly<Record<string, string>>;

  /** Asks as the endpoint's example does, as the admin unless told; a field or an identifier can be another. */
  ask(endpoint: Endpoint, change?: Change): Promise<Answered>;

  [Symbol.asyncDispose](): Promise<void>;
}

export interface Change extends Asked {
  /** Without any credential. */
  readonly anonymous?: true;

  /** In place of the path's identifier. */
  readonly id?: string;

  /** Fields of the body, beside or in place of the example's; undefined leaves one out. */
  readonly fields?: Readonly<Record<string, unknown>>;

  readonly query?: string;
}

async function addPerson(house: Appliance, username: string, facts: Partial<User>): Promise<Person> {
  const user = await house.addUser(username, facts);
  const { token, id } = await house.addSession(user);
  return { user, token, session: id };
}

/** What lies around in a house, and what is known of it. */
type Furniture = Pick<Scene, "admin" | "member" | "secured" | "keyed" | "keys" | "ids" | "tokens"> & {
  readonly holders: Readonly<Record<string, Person>>;
};

/** `spare` is a second admin, so that the first can go. */
async function furnish(house: Appliance): Promise<Furniture> {
  const admin = await addPerson(house, "root", { role: "admin" });
  await addPerson(house, "spare", { role: "admin" });
  const member = await addPerson(house, "ada", { name: "Ada" });
  const made = async (path: string, body: object) =>
    (await house.post(path, body, { token: admin.token })).body;
  const invite = await made("/auth/invites", { email: "grace@example.com" });
  const bootstrap = await made("/auth/bootstrap/tokens", {});
  const keyed = await addPerson(house, "keyed", {});
  const { url } = await made(`/auth/users/${member.user.id}/recovery`, {});
  const codes = await openCodes(house, admin);
  const spa = await made("/api/v1/auth/login", { email: "root", password });
  const { secured, pending, codes: appCodes } = await openTwoFactor(house);
  const challenged = await made("/api/v1/auth/login", { email: "secured", password });
  const keys = await openPasskeys(house, keyed, url.split("#token=")[1]);
  const holders: Readonly<Record<string, Person>> = {
    "DELETE /api/v1/auth/passkey/{passkey_id}": keyed,
    "DELETE /auth/passkeys/{id}": keyed,
    "PATCH /api/v1/auth/passkey/{passkey_id}": keyed,
    "POST /api/v1/auth/passkey/register/verify": keyed,
    "POST /auth/passkeys/register/verify": keyed,
    "POST /api/v1/auth/2fa/backup-codes/regenerate": secured,
    "POST /api/v1/auth/2fa/disable": secured,
    "POST /api/v1/auth/2fa/enable": pending,
  };
  const other = await openProvider(house, { admin, member, secured });
  const { claims } = decode(spa.access_token);
  const { data: key } = await made("/v1/auth/api-keys", { name: "everything", scopes });
  const jwt = (await house.post("/v1/auth/token", undefined, { token: key.key })).body.data.token;
  const devices = await openDevices(house, admin);
  const ids: Record<string, string> = {
    "mobile session": claims.sid,
    "mobile sessions": claims.sid,
    "machine device-code": devices.shortCode,
    "spa sessions": claims.sid,
    users: member.user.id,
    sessions: member.session,
    invites: invite.id,
    tokens: bootstrap.id,
    identities: other.identity,
    "machine api-keys": key.id,
    passkeys: keys.id,
    "spa passkey": keys.id,
  };
  const links = { invites: invite.token, bootstrap: bootstrap.token, recovery: url.split("#token=")[1] };
  const tokens: Record<string, string> = {
    ...links,
    ...codes,
    ...appCodes,
    ...devices,
    refresh: spa.refresh_token,
    challenge: challenged.challenge_token,
    ...other.tokens,
    key: key.key,
    jwt,
  };
  return { admin, member, secured, keyed, keys, holders, ids, tokens };
}

interface Template {
  readonly folder: string;
  readonly furniture: Furniture;
}

/** Furnished once for each configuration, and copied: hundreds of scenes are opened. */
const templates = new Map<string, Promise<Template>>();

async function makeTemplate(values: Values): Promise<Template> {
  const folder = mkdtempSync(join(tmpdir(), "housekey-scene-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await using house = await startAppliance({ values });
  await tellProvider(house);
  const furniture = await furnish(house);
  await house.core.store.close();
  cpSync(house.folder, folder, { recursive: true });
  return { folder, furniture };
}

export async function openScene(values: Values = {}): Promise<Scene> {
  const name = JSON.stringify(values);
  const template = templates.get(name) ?? makeTemplate(values);
  templates.set(name, template);
  const { folder: original, furniture } = await template;
  const folder = mkdtempSync(join(tmpdir(), "housekey-"));
  cpSync(original, folder, { recursive: true });
  const house = await startAppliance({ values: { trusted_proxies: ["127.0.0.1"], ...values }, folder });
  await tellProvider(house);
  const { admin, holders, ids, keys, tokens } = furniture;
  const holder = ({ key }: Endpoint): Person => holders[key] ?? admin;
  return {
    house,
    ...furniture,
    holder,
    ask(endpoint, { anonymous, id, fields, query = "", ...asked } = {}) {
      const { method, path, body, security } = endpoint;
      const aim = id ?? ids[path.includes("/tokens/") ? "tokens" : nounOf(path)] ?? "";
      const shows = security.length > 0 && !anonymous && asked.cookie === undefined;
      return house.call(method, path.replace(/\{\w+\}/, encodeURIComponent(aim)) + query, {
        ...(shows && { token: takesPeople(endpoint) ? holder(endpoint).token : (tokens.key ?? "") }),
        // Whoever comes from another provider has nothing but this cookie.
        ...(endpoint.key === "POST /auth/oidc/two-factor" && {
          cookie: `housekey-challenge=${tokens.upstream}`,
        }),
        // A proxy on this machine asks about a page of the house's own host, which the cookie reaches.
        ...(endpoint.path === "/auth/forward" && { headers: asksFor("http://localhost:8420/") }),
        ...(body && { body: { ...fitting(endpoint, tokens, ids, keys), ...fields } }),
        ...asked,
      });
    },
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

const asksFor = (url: string): Record<string, string> => ({ "x-original-url": url });

/** Codes in somebody's mail, by their purpose; the house is open, so that there is one for registering. */
async function openCodes(house: Appliance, admin: Person): Promise<Record<string, string>> {
  await house.core.store.write((tx) => tx.settings.put({ registration: "open" }));
  const ask = (path: string, body: object) => house.post(path, body, { token: admin.token });
  const newcomer = { email: "registrant@example.com", password };
  await ask("/auth/verify", { email: "ada" });
  const login = await house.codeFor("ada@example.com");
  await ask("/api/v1/auth/otp/send", { email: "ada", purpose: "reset" });
  const reset = await house.codeFor("ada@example.com");
  await ask("/api/v1/auth/register", newcomer);
  const register = await house.codeFor(newcomer.email);
  await ask("/auth/email", { email: "moved@example.com" });
  return { login, reset, register, email: await house.codeFor("moved@example.com") };
}

/** A member with two-factor on, one whose set-up waits for its first code, and what their apps show. */
async function openTwoFactor(house: Appliance) {
  const secured = await addPerson(house, "secured", {});
  const { secret } = await enrol(house, secured.token);
  const pending = await addPerson(house, "pending", {});
  const setup = await house.post("/api/v1/auth/2fa/setup", undefined, { token: pending.token });
  const now = house.core.clock();
  const codes = { app: codeAt(secret, now, 1), firstOfApp: codeAt(setup.body.secret, now) };
  return { secured, pending, codes };
}

/** A device that waits for an answer, a code of the admin's own, a command line's, and a phone that is signed in. */
async function openDevices(house: Appliance, admin: Person) {
  const waiting = (await house.post("/api/auth/device/create", { clientType: "connector" })).body;
  const own = await house.post("/api/auth/device/create", { clientType: "mobile" }, { token: admin.token });
  return {
    device: waiting.token,
    deviceCode: waiting.code,
    ownCode: own.body.code,
    shortCode: (await house.post("/v1/auth/device-code")).body.code,
    phone: (await house.addSession(admin.user)).token,
  };
}

/** What an endpoint is about: the word behind its surface's prefix. */
function nounOf(path: string): string {
  const [, first, second = "", third] = path.split("/");
  if (path.startsWith("/api/v1/auth/")) return `spa ${path.split("/")[4]}`;
  if (first === "api") return `mobile ${second}`;
  return first === "v1" ? `machine ${third}` : second;
}

/** The example, with what only this house knows in its places. */
function fitting(
  { key, path, body }: Endpoint,
  tokens: Record<string, string>,
  ids: Record<string, string>,
  keys: KeyScene,
): object {
  const free: Record<string, object> = {
    ...keys.bodies,
    "POST /auth/bootstrap/complete": { username: "newcomer", email: "newcomer@example.com" },
    "POST /auth/sessions/revoke-all": { user_id: ids.users },
    "PATCH /auth/me": { username: "root" },
    "POST /auth/invites": { email: "other@example.com" },
    "POST /auth/sessions": { token: tokens.login },
    "POST /auth/email/verify": { code: tokens.email },
    "POST /api/v1/auth/2fa/disable": { code: tokens.app },
    "POST /api/v1/auth/2fa/enable": { code: tokens.firstOfApp },
    "POST /api/v1/auth/2fa/verify": { challenge_token: tokens.challenge, code: tokens.app },
    "POST /api/auth/logout": { token: tokens.phone },
    "POST /api/auth/device/poll": { token: tokens.device },
    "POST /api/auth/device/info": { code: tokens.deviceCode },
    "POST /api/auth/device/authorize": { code: tokens.deviceCode },
    "POST /api/auth/device/deny": { code: tokens.deviceCode },
    "POST /api/auth/device/link/status": { code: tokens.ownCode },
    "POST /api/v1/auth/google": { id_token: tokens.google },
    "POST /auth/oidc/two-factor": { code: tokens.app },
    "PUT /auth/provider/oidc": { issuer: tokens.issuer },
    "POST /api/v1/auth/register": { email: "newcomer@example.com" },
    "POST /api/v1/auth/register/verify": { email: "registrant@example.com", code: tokens.register },
    "POST /api/v1/auth/refresh": { refresh_token: tokens.refresh },
    "POST /api/v1/auth/logout": { refresh_token: tokens.refresh },
    "POST /api/v1/auth/otp/login": { code: tokens.login },
    "POST /api/v1/auth/reset-password": { code: tokens.reset, new_password: "difference engine" },
  };
  const example = body?.example as Record<string, unknown> | undefined;
  return { ...example, ...(example?.token !== undefined && { token: tokens[nounOf(path)] }), ...free[key] };
}
