/** Every secret there is that works once, and how it is used. */
import type { Spoken } from "../../binary.ts";
import { type Key, makeKey } from "../../passkey/authenticator.ts";
import { client } from "../../upstream/provider.ts";
import { done, memberPassword } from "../people.ts";
import { type Client, guard, type Member, origin, type Scene, type Sent } from "./r08-scene.ts";

export interface Secret {
  readonly what: string;

  /** Has one made; answers how to use it. */
  make(scene: Scene): Promise<(n: number) => Promise<Spoken>>;

  /** Whether a use was granted; where it is left out, the status says so. */
  readonly granted?: (answer: Spoken) => boolean;
}

const spa = "/api/v1/auth";
const devices = "/api/auth/device";
const newPassword = "analytical engine";
const tokenIn = (url: string): string => url.split("#token=")[1] ?? "";

/** Somebody with a passkey. */
async function holder(scene: Scene): Promise<Member & { readonly key: Key }> {
  const member = await scene.member();
  const key = makeKey({ origin });
  const options = await member.post("/auth/passkeys/register/options", undefined, member);
  done(await member.post("/auth/passkeys/register/verify", named(key.create(options.body)), member));
  return { ...member, key };
}

const named = (answer: object) => ({ name: "Phone", ...answer });

const passkeyOptions = async (own: Client) =>
  done(await own.post("/auth/passkeys/authenticate/options")).body;

/** A browser that is back from the provider; answers the path it was sent to, and its cookies. */
async function visit({ provider }: Scene, own: Client, sub: string): Promise<[path: string, Sent]> {
  const gone = await own.get("/auth/oidc/login?return_to=/");
  const path = provider.authorize(gone.headers.get("location") ?? "", { sub });
  return [path, { cookie: gone.cookie }];
}

const providerOnce = new WeakSet<Scene>();

async function setUpProvider(scene: Scene): Promise<void> {
  if (providerOnce.has(scene)) return;
  providerOnce.add(scene);
  const { issuer } = scene.provider;
  const body = { issuer, client_id: client.id, client_secret: client.secret, auto_provision: true };
  const response = await fetch(`${scene.house.url}/auth/provider/oidc`, {
    method: "PUT",
    headers: { authorization: `Bearer ${scene.admin.token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.status !== 204) throw new Error(`provider: ${response.status} ${await response.text()}`);
}

const isHome = ({ headers }: Spoken): boolean => headers.get("location") === "/";
const hasToken = ({ body }: Spoken): boolean => body?.token !== undefined;

export const secrets: readonly Secret[] = [
  {
    what: "bootstrap token",
    async make({ client, admin }) {
      const own = client();
      const { token } = done(await own.post("/auth/bootstrap/tokens", {}, admin)).body;
      return (n) =>
        own.post("/auth/bootstrap/complete", {
          token,
          username: `b-${n}-${token.slice(0, 8)}`,
          password: newPassword,
        });
    },
  },
  {
    what: "invitation",
    async make({ client, admin }) {
      const own = client();
      const { token } = done(await own.post("/auth/invites", {}, admin)).body;
      return (n) =>
        own.post("/auth/invites/accept", {
          token,
          username: `i-${n}-${token.slice(0, 8)}`,
          password: newPassword,
        });
    },
  },
  {
    what: "recovery link",
    async make(scene) {
      const own = await scene.member();
      const { url } = done(await own.post(`/auth/users/${own.id}/recovery`, {}, scene.admin)).body;
      return () => own.post("/auth/recovery/complete", { token: tokenIn(url), password: newPassword });
    },
  },
  {
    what: "registration code",
    async make(scene) {
      const own = scene.client();
      const email = `${crypto.randomUUID()}@example.org`;
      const asking = () => own.post(`${spa}/register`, { email, password: newPassword });
      const code = await scene.codeFor(email, asking);
      return () => own.post(`${spa}/register/verify`, { email, code });
    },
  },
  {
    what: "sign-in code, single-page app",
    async make(scene) {
      const { email, post } = await scene.member();
      const code = await scene.codeFor(email, () => post(`${spa}/otp/send`, { email, purpose: "login" }));
      return () => post(`${spa}/otp/login`, { email, code });
    },
  },
  {
    what: "sign-in code, browser",
    async make(scene) {
      const { email, post } = await scene.member();
      const token = await scene.codeFor(email, () => post("/auth/verify", { email }));
      return () => post("/auth/sessions", { method: "otp", email, token });
    },
  },
  {
    what: "reset code",
    async make(scene) {
      const { email, post } = await scene.member();
      const code = await scene.codeFor(email, () => post(`${spa}/otp/send`, { email, purpose: "reset" }));
      return (n) => post(`${spa}/reset-password`, { email, code, new_password: `${newPassword} ${n}` });
    },
  },
  {
    what: "new address code",
    async make(scene) {
      const own = await scene.member();
      const email = `new-${own.email}`;
      const code = await scene.codeFor(email, () => own.post("/auth/email", { email }, own));
      return () => own.post("/auth/email/verify", { code }, own);
    },
  },
  {
    what: "TOTP step",
    async make(scene) {
      const { username, post, get, token } = await scene.member();
      const app = await guard({ post, get }, token);
      const code = app.code();
      return () => post("/auth/local/login", { username, password: memberPassword, code });
    },
  },
  {
    what: "backup code",
    async make(scene) {
      const { username, post, get, token } = await scene.member();
      const [code] = (await guard({ post, get }, token)).backupCodes;
      return () => post("/auth/local/login", { username, password: memberPassword, code });
    },
  },
  {
    what: "two-factor challenge, single-page app",
    async make(scene) {
      const { email, post, get, token } = await scene.member();
      const { backupCodes } = await guard({ post, get }, token);
      const { body } = await post(`${spa}/login`, { email, password: memberPassword });
      const { challenge_token } = body;
      return (n) => post(`${spa}/2fa/verify`, { challenge_token, code: backupCodes[n % 10] });
    },
  },
  {
    what: "passkey registration challenge",
    async make(scene) {
      const own = await scene.member();
      const options = done(await own.post("/auth/passkeys/register/options", undefined, own)).body;
      const answer = named(makeKey({ origin }).create(options));
      return () => own.post("/auth/passkeys/register/verify", answer, own);
    },
  },
  {
    what: "passkey challenge, browser",
    async make(scene) {
      const { key, post, get } = await holder(scene);
      const answer = key.get(await passkeyOptions({ post, get }));
      return () => post("/auth/passkeys/authenticate/verify", answer);
    },
  },
  {
    what: "passkey challenge, single-page app",
    async make(scene) {
      const { key, email, post } = await holder(scene);
      const response = key.get(done(await post(`${spa}/passkey/login/options`, { email })).body);
      return () => post(`${spa}/passkey/login/verify`, { response });
    },
  },
  {
    what: "passkey challenge, phone",
    async make(scene) {
      const { key, username, post } = await holder(scene);
      const options = done(await post("/api/auth/passkey/options", { username, origin })).body;
      const response = key.get(options);
      return () => post("/api/auth/passkey/verify", { response, origin });
    },
  },
  {
    what: "passkey proof",
    async make(scene) {
      const { key, email, post, get } = await holder(scene);
      const answer = key.get(await passkeyOptions({ post, get }));
      const { token } = done(await post("/auth/passkeys/authenticate/verify", answer)).body;
      return () => post("/auth/sessions", { method: "passkey", email, token });
    },
  },
  {
    what: "device decision",
    async make(scene) {
      const own = await scene.member();
      const { code } = done(await own.post(`${devices}/create`, { clientType: "mobile" })).body;
      return (n) => own.post(`${devices}/${n % 2 === 0 ? "authorize" : "deny"}`, { code }, own);
    },
  },
  {
    what: "device claim, phone",
    granted: hasToken,
    async make(scene) {
      const own = await scene.member();
      const { code, token } = done(await own.post(`${devices}/create`, { clientType: "mobile" })).body;
      done(await own.post(`${devices}/authorize`, { code }, own));
      return () => own.post(`${devices}/poll`, { token });
    },
  },
  {
    what: "device claim, command line",
    granted: hasToken,
    async make(scene) {
      const own = await scene.member();
      const { code } = done(await own.post("/v1/auth/device-code", {})).body;
      done(await own.post(`${devices}/authorize`, { code }, own));
      return () => own.get(`/v1/auth/device-code/${code}`);
    },
  },
  {
    what: "provider's callback",
    granted: isHome,
    async make(scene) {
      await setUpProvider(scene);
      const own = scene.client();
      const [path, sent] = await visit(scene, own, crypto.randomUUID());
      return () => own.get(path, sent);
    },
  },
  {
    what: "two-factor challenge, provider",
    async make(scene) {
      await setUpProvider(scene);
      const own = scene.client();
      const sub = crypto.randomUUID();
      const { cookie } = await own.get(...(await visit(scene, own, sub)));
      const [, token = ""] = /housekey=([0-9a-f]{96})/.exec(cookie) ?? [];
      const { backupCodes } = await guard(own, token);
      const back = await own.get(...(await visit(scene, own, sub)));
      return (n) => own.post("/auth/oidc/two-factor", { code: backupCodes[n % 10] }, { cookie: back.cookie });
    },
  },
  {
    what: "Google's ID token",
    async make(scene) {
      const own = scene.client();
      const id_token = await scene.provider.idToken({ sub: crypto.randomUUID() });
      return () => own.post(`${spa}/google`, { id_token });
    },
  },
];
