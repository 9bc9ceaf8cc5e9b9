/** A house that guards other applications under its domain, and a proxy that asks it. */
import { expect } from "bun:test";
import type { Values } from "../../src/names.ts";
import {
  type Answered,
  type Appliance,
  type ApplianceOptions,
  type Asked,
  startAppliance,
} from "../harness.ts";

export const house = "https://auth.example.org";
export const cookieName = "__Secure-housekey";

export const guarding: Values = {
  url: house,
  cookie_domain: "example.org",
  trusted_proxies: ["127.0.0.1"],
};

export const openGuard = (values: Values = {}, store: ApplianceOptions["store"] = {}) =>
  startAppliance({ values: { ...guarding, ...values }, store });

/** As Caddy and Traefik tell a request. */
export function forwarded(url: string, method = "GET"): Record<string, string> {
  const [, proto = "", host = "", uri = ""] = /^(\w+):\/\/([^/]*)(.*)$/s.exec(url) ?? [];
  return {
    "x-forwarded-method": method,
    "x-forwarded-proto": proto,
    "x-forwarded-host": host,
    "x-forwarded-uri": uri,
  };
}

/** As nginx does. */
export const original = (url: string): Record<string, string> => ({ "x-original-url": url });

export const page = { accept: "text/html,application/xhtml+xml,*/*;q=0.8", "sec-fetch-mode": "navigate" };
export const app = "https://app.example.org/reports?page=2";

/** What the proxy asks: nothing of its own, neither an origin nor a credential, unless told. */
export const asks = (
  { get }: Pick<Appliance, "get">,
  headers: Record<string, string>,
  asked: Omit<Asked, "headers"> = {},
): Promise<Answered> => get("/auth/forward", { origin: null, ...asked, headers });

export const basic = (name: string, word: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${name}:${word}`).toString("base64")}`,
});

/** The four, as the proxy copies them. */
export const identity = ({ headers }: Answered) =>
  ["remote-user", "remote-name", "remote-email", "remote-groups"].map((name) => headers.get(name));

export const nobody = ["", "", "", ""];

export async function makeKey(
  { post }: Appliance,
  token: string,
  scopes: readonly string[] = ["forward:auth"],
  days?: number,
): Promise<{ id: string; key: string }> {
  const { body } = await post(
    "/v1/auth/api-keys",
    { name: "k", scopes, expires_in_days: days },
    { token, origin: house },
  );
  return body.data;
}

const told = forwarded(app);
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
export const cookie = (token: string, name = cookieName) => ({ cookie: `${name}=${token}` });

/** Ada looks after the house; `id` is her account's. */
export async function withAda(
  work: (guard: Appliance, token: string, id: string) => Promise<void>,
): Promise<void> {
  await using guard = await openGuard();
  const user = await guard.addUser("ada", { role: "admin" });
  const { token } = await guard.addSession(user);
  await work(guard, token, user.id);
}

export async function expectIn(guard: Appliance, headers: Record<string, string>): Promise<void> {
  const answer = await asks(guard, { ...told, ...headers });
  expect([answer.status, ...identity(answer)]).toEqual([200, "ada", "ada", "ada@example.com", "admin"]);
}

export async function expectOut(
  guard: Appliance,
  headers: Record<string, string>,
  status = 401,
): Promise<void> {
  const answer = await asks(guard, { ...told, ...headers });
  expect([answer.status, identity(answer)]).toEqual([status, nobody]);
}

/** The JWT that a key is exchanged for. */
export const exchanged = async (guard: Appliance, key: string) =>
  (await guard.post("/v1/auth/token", undefined, { token: key })).body.data.token;
