/** A house with a provider, and people who go there and come back. */
import { insertIdentity } from "../../src/identity/identity.ts";
import type { User } from "../../src/identity/user.ts";
import type { Values } from "../../src/names.ts";
import { type Answered, type Appliance, startAppliance } from "../harness.ts";
import { client, type Person, type Provider, startProvider } from "./provider.ts";

export const settings = (provider: Provider, more: object = {}) => ({
  issuer: provider.issuer,
  client_id: client.id,
  client_secret: client.secret,
  name: "Example ID",
  ...more,
});

export interface Visited {
  readonly house: Appliance;
  readonly provider: Provider;
  readonly admin: { readonly user: User; readonly token: string };

  /** Changes the settings; throws when they are refused. */
  put(more?: object): Promise<void>;

  /** The last line of the audit about a sign-in that failed. */
  reason(): Promise<string>;

  [Symbol.asyncDispose](): Promise<void>;
}

export async function openHouse(more: object = {}, values: Values = {}): Promise<Visited> {
  const house = await startAppliance({ values: { registration: "open", ...values } });
  const provider = await startProvider({ now: house.core.clock });
  const user = await house.addUser("root", { role: "admin" });
  const { token } = await house.addSession(user);
  const put = async (changes: object = {}) => {
    const answer = await house.call("PUT", "/auth/provider/oidc", {
      token,
      origin: null,
      body: settings(provider, changes),
    });
    if (answer.status !== 204) throw new Error(`${answer.status} ${answer.text}`);
  };
  await put(more);
  return {
    house,
    provider,
    admin: { user, token },
    put,
    async reason() {
      const { body } = await house.get("/auth/audit?event=signin.failed&limit=1", { token });
      return body.events[0]?.reason ?? "no line";
    },
    async [Symbol.asyncDispose]() {
      await provider[Symbol.asyncDispose]();
      await house[Symbol.asyncDispose]();
    },
  };
}

export interface Gone {
  /** Where the house sent the browser. */
  readonly url: string;

  readonly cookie: string;
}

/** A browser clicks the button. */
export async function leave({ house }: Pick<Visited, "house">, returnTo = "/", cookie = ""): Promise<Gone> {
  const answer = await house.get(`/auth/oidc/login?return_to=${encodeURIComponent(returnTo)}`, { cookie });
  return {
    url: answer.headers.get("location") ?? `no location: ${answer.status}`,
    cookie: answer.cookie || cookie,
  };
}

/** It is back from the provider's page, where it was `whose`. */
export const comeBack = (
  { house, provider }: Visited,
  { url, cookie }: Gone,
  whose?: Person,
): Promise<Answered> => house.get(provider.authorize(url, whose), { cookie });

/** There and back. */
export async function visit(visited: Visited, whose?: Person, returnTo?: string): Promise<Answered> {
  return comeBack(visited, await leave(visited, returnTo), whose);
}

export const locationOf = ({ headers }: Answered): string | null => headers.get("location");

/** An account that is linked to somebody at the provider; answers who, and a session of the account. */
export async function linked(
  { house, provider }: Pick<Visited, "house" | "provider">,
  username: string,
  facts: Partial<User> = {},
): Promise<Person & { readonly token: string; readonly user: User }> {
  const user = await house.addUser(username, facts);
  const { token } = await house.addSession(user);
  const claims = { issuer: provider.issuer, subject: username, email: null, name: null, handle: null };
  await house.core.store.write((tx) => insertIdentity(house.core, tx, user.id, claims));
  return { sub: username, token, user };
}

/** Whom a browser's cookies stand for; null: for nobody. */
export async function whoIs({ house }: Visited, { cookie }: Answered) {
  const { status, body } = await house.get("/auth/sessions/current", { cookie });
  return status === 200 ? body : null;
}
