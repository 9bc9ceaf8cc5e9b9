/** The house, two apps, and a real proxy with TLS in front of all of them. */
import { join } from "node:path";
import { admin, bootstrap, emptyFolder, type House, type Spoken, speak, startHouse } from "../binary.ts";
import { type App, startApp } from "./app.ts";
import { appNames, type Certificates, domain, freePort, houseName, makeCertificates } from "./domain.ts";
import { type Front, type Kind, type Layout, startFront } from "./front.ts";
import { type Answered, type Asked, ask } from "./wire.ts";

/** Where a proxy is reached, and by whose word it is who it says. */
export interface Place {
  readonly port: number;
  readonly certificates: Certificates;
}

export interface Scene extends Place {
  readonly kind: Kind;

  /** The public address of the house. */
  readonly url: string;

  /** As the machine reaches it, past the proxy; another one after `restart`. */
  readonly house: House;

  readonly cwd: string;
  readonly apps: readonly [App, App];

  /** The admin's cookie and token, of a sign-in past the proxy. */
  readonly admin: Spoken;

  /** A request to app 1 or 2. */
  ask(app: 1 | 2, asked?: Asked): Promise<Answered>;

  /** The same port, the same folder. */
  restart(): Promise<void>;

  /** How often the apps were asked something since the last call. */
  reached(): number;

  [Symbol.asyncDispose](): Promise<void>;
}

interface SceneOptions extends Pick<Layout, "house" | "mended"> {
  readonly env?: Record<string, string>;
}

/** `await using`: everything is stopped, by its id, and every file gone at the end. */
export async function newScene(kind: Kind, { env = {}, ...blocks }: SceneOptions = {}): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(emptyFolder());
  const certificates = makeCertificates(folder.path);
  const port = await freePort();
  const url = `https://${houseName}:${port}`;
  const settings = {
    HOUSEKEY_URL: url,
    HOUSEKEY_COOKIE_DOMAIN: domain,
    HOUSEKEY_TRUSTED_PROXIES: "127.0.0.1",
    HOUSEKEY_HOST: "127.0.0.1",
    HOUSEKEY_LIMIT_SIGNIN: "off",
    ...env,
  };
  let house = await startHouse({ cwd: folder.path, env: settings });
  stack.defer(async () => void (await house.stop()));
  const housePort = Number(new URL(house.url).port);
  const [one, two] = [stack.use(await startApp(appNames[0])), stack.use(await startApp(appNames[1]))];
  const front: Front = await startFront(kind, {
    folder: join(folder.path, "front"),
    port,
    housePort,
    apps: { app1: one.port, app2: two.port },
    certificates,
    ...blocks,
  });
  stack.defer(() => front.stop());
  const signedIn = await bootstrap(house);
  const place = { port, certificates };
  const kept = stack.move();
  let seen = 0;
  return {
    ...place,
    kind,
    url,
    cwd: folder.path,
    apps: [one, two],
    admin: signedIn,
    get house() {
      return house;
    },
    ask: (app, asked) => ask(place, appNames[app - 1] ?? "", asked),
    async restart() {
      house = await startHouse({ cwd: folder.path, env: settings, args: ["--port", String(housePort)] });
    },
    reached() {
      const all = one.received.length + two.received.length;
      const since = all - seen;
      seen = all;
      return since;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

export const member = { username: "bob", password: "a lamp in the hall" };

/** Adds a member, by the admin. */
export async function addMember(scene: Scene, facts: Record<string, string> = {}): Promise<string> {
  const body = { ...member, role: "member", ...facts };
  const { status, body: added } = await speak(scene.house, "POST", "/auth/users", {
    token: scene.admin.body.token,
    body,
  });
  if (status !== 201) throw new Error(`no member: ${status} ${JSON.stringify(added)}`);
  return added.user.id;
}

/** A sign-in past the proxy: `{ token, cookie, … }`. */
export async function signIn(scene: Scene, person: typeof member = admin): Promise<Spoken> {
  const answer = await speak(scene.house, "POST", "/auth/local/login", { body: person });
  if (answer.status !== 201) throw new Error(`no sign-in: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}

/** The line of a request that shows a session as a browser does. */
export const cookieOf = ({ cookie }: Spoken): string => `Cookie: ${cookie.split("; ")[0]}`;

/** What an admin opens to everybody: paths by app. A third one is known to no proxy of the scene. */
export async function openPaths(
  scene: Scene,
  paths: readonly (readonly [1 | 2 | 3, string])[],
): Promise<void> {
  const rules = paths.map(([app, path_prefix]) => ({
    host: `app${app}.${domain}:${scene.port}`,
    path_prefix,
  }));
  const { status, body } = await speak(scene.house, "PATCH", "/auth/settings", {
    token: scene.admin.body.token,
    body: { forward_bypass: rules },
  });
  if (status !== 200) throw new Error(`no paths: ${status} ${JSON.stringify(body)}`);
}
