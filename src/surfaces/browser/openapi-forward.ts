/** What a proxy may ask for other applications. */
import type { Endpoint } from "../../http/openapi-answers.ts";

export const forwardEndpoints: Readonly<Record<string, Endpoint>> = {
  "GET /auth/forward": {
    tag: "Other applications",
    summary: "May this request in?",
    description: [
      "For nginx `auth_request`, Caddy `forward_auth` and Traefik ForwardAuth, which ask before they pass a request " +
        "on to an application. Any method is taken for the same question, and a body is not looked at.",
      "The request is told by `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`, all four, or by `X-Original-URL` " +
        "(with `X-Original-Method`, if the proxy sends it); where there are both, they have to agree. They are " +
        "believed only from `HOUSEKEY_TRUSTED_PROXIES`. Anything missing, doubled or unreadable is 403 `FORBIDDEN`.",
      "In are: a session token, an access token, an API key or its JWT as Bearer; an API key as the password of " +
        "Basic, under its owner's username or address; and the session cookie, at hosts that it reaches: the house's " +
        "own, and those under `HOUSEKEY_COOKIE_DOMAIN`. A header beats the cookie; two different cookies are none. " +
        "An API key needs the scope `forward:auth`. Paths that the setting `forward_bypass` opens are in without any.",
      "The answer always has `Remote-User` (the username), `Remote-Name` (in UTF-8, the username where there is no " +
        "name), `Remote-Email` and `Remote-Groups` (the role), all of them empty where nobody is known; the proxy " +
        "is to hand on all four, so that nobody can send their own. `Remote-Email` is empty also while an address is " +
        "not verified, in a house that can send letters.",
      "A person who opens a page (GET or HEAD that accepts `text/html`) under the cookie domain is sent to " +
        "`/login?return_to=…`: by 302 where the request was told by `X-Forwarded-*`, by 401 with `Location` where it " +
        "was told by `X-Original-URL`, because nginx takes no redirect from here. Everybody else hears 401; whoever " +
        "does not look like a browser is offered Basic as well.",
    ].join("\n\n"),
    who: { permission: "forward:auth", key: true, basic: true },
    headers: {
      "X-Forwarded-Method": { description: "The method of the request that is asked about.", example: "GET" },
      "X-Forwarded-Proto": { description: "Its scheme.", example: "https" },
      "X-Forwarded-Host": { description: "Its host.", example: "app.example.org" },
      "X-Forwarded-Uri": {
        description: "Its path and query, as they were sent.",
        example: "/reports?page=2",
      },
      "X-Original-URL": {
        description: "All of it in one, in place of the others.",
        example: "https://app.example.org/reports?page=2",
      },
    },
    answers: [
      { status: 200, description: "It may: the headers say who is there." },
      { status: 302, description: "A person is to sign in first." },
    ],
  },
};
