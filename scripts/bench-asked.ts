/** What is asked of whom: the requests that the rows are about. */
import { availableParallelism } from "node:os";
import { application, cookieName, type House } from "./bench-house.ts";
import type { Asked } from "./bench-load.ts";
import { password } from "./bench-password.ts";
import type { Peer } from "./bench-peer.ts";
import type { Server } from "./bench-process.ts";

/** Twice as many as hash at once, so that there is always one to hash. */
export const signInConnections = 2 * availableParallelism();

export const healthCheck = (server: Server): Asked => ({ server, path: "/healthz" });

const current = "/auth/sessions/current";

export const byToken = (server: Server, { lines }: House): Asked => ({
  ...{ server, path: current, lines: lines.tokens },
  headers: { authorization: "Bearer {}" },
});

export const byJwt = (server: Server, { lines }: House): Asked => ({
  ...{ server, path: current, lines: lines.jwts },
  headers: { authorization: "Bearer {}" },
});

export const byCookie = (server: Server, { lines }: House): Asked => ({
  ...{ server, path: current, lines: lines.tokens },
  headers: { cookie: `${cookieName}={}` },
});

/** Keys are no sessions, so theirs is the endpoint that says whose they are. */
export const byApiKey = (server: Server, { lines }: House): Asked => ({
  ...{ server, path: "/v1/auth/me", lines: lines.apiKeys },
  headers: { authorization: "Bearer {}" },
});

/** As a reverse proxy asks about each request of an application's visitors. */
export const forward = (server: Server, { lines }: House): Asked => ({
  ...{ server, path: "/auth/forward", lines: lines.tokens },
  headers: {
    cookie: `${cookieName}={}`,
    "x-forwarded-for": "192.0.2.7",
    "x-forwarded-method": "GET",
    "x-forwarded-proto": "https",
    "x-forwarded-host": application,
    "x-forwarded-uri": "/photos?page=2",
  },
});

export const peerCheck = (server: Server, { lines }: Peer): Asked => ({
  ...{ server, path: "/api/auth/get-session", lines: lines.cookies },
  headers: { cookie: "{}" },
});

const json = { "content-type": "application/json" };

export const signIn = (server: Server, { lines }: House): Asked => ({
  ...{ server, method: "POST", path: "/auth/local/login", lines: lines.usernames, headers: json },
  body: JSON.stringify({ username: "{}", password }),
  connections: signInConnections,
});

export const peerSignIn = (server: Server, { lines }: Peer): Asked => ({
  ...{ server, method: "POST", path: "/api/auth/sign-in/email", lines: lines.emails, headers: json },
  body: JSON.stringify({ email: "{}", password }),
  connections: signInConnections,
});
