import { ask, type Refused } from "../parts/ask.ts";
import { anyElement, element, reloadWhenRevived, say, showPanel } from "../parts/element.ts";
import { bindForm, bindPeek, type Values } from "../parts/form.ts";
import { ownPath } from "../parts/return-to.ts";

const errors: ReadonlyMap<string, string> = new Map([
  ["ACCOUNT_DISABLED", "This account is disabled. Ask an admin of this house."],
  [
    "COOKIE_REFUSED",
    "You signed in, but this browser did not keep the cookie. Allow cookies for this address.",
  ],
  ["INVALID_CHALLENGE", "This took too long. Sign in again."],
  ["REGISTRATION_CLOSED", "New accounts are by invitation only."],
  ["UNAUTHENTICATED", "Your session has ended. Sign in again."],
  ["UPSTREAM_DENIED", "The sign-in provider said no."],
  ["UPSTREAM_UNAVAILABLE", "The sign-in provider cannot be reached."],
]);

const query = new URLSearchParams(location.search);
const current = () => ask("GET", "/auth/sessions/current");

const goOn = (): void => location.replace(ownPath(query.get("return_to")));

async function begin(): Promise<void> {
  const error = query.get("error");
  if (error !== null)
    say(anyElement("form-alert"), errors.get(error) ?? "Signing in did not work. Try again.");
  const [session, options] = await Promise.all([
    current(),
    ask<{ bootstrapped: boolean }>("GET", "/auth/options"),
  ]);
  if (session.ok && error === null) return goOn();
  if (options.ok && !options.body.bootstrapped) showPanel("empty");
}

async function send({ username, password }: Values): Promise<Refused | null> {
  const answer = await ask("POST", "/auth/local/login", { username, password });
  if (!answer.ok) return answer;
  // Without the cookie every page would send the person back here, and never say why.
  const session = await current();
  if (!session.ok)
    return session.status === 401
      ? { ...session, message: errors.get("COOKIE_REFUSED") ?? session.message }
      : session;
  goOn();
  return null;
}

element("username", HTMLInputElement).focus();
bindForm(element("form", HTMLFormElement), { send, retry: "password" });
bindPeek(element("peek", HTMLButtonElement), element("password", HTMLInputElement));
reloadWhenRevived();
void begin();
