import { ask, type Refused } from "../parts/ask.ts";
import { anyElement, element, reloadWhenRevived, say, showPanel } from "../parts/element.ts";
import { bindForm, bindPeek, type Values, type Wrong } from "../parts/form.ts";
import { takeToken, tokenIn } from "../parts/token.ts";

interface Options {
  readonly bootstrapped: boolean;
  readonly password_min: number;
}

let token = takeToken();
let shortest = 1;

async function begin(): Promise<void> {
  if (token !== null) showForm();
  const options = await ask<Options>("GET", "/auth/options");
  if (!options.ok) return say(anyElement("trouble"), options.message);
  shortest = options.body.password_min;
  anyElement("password-hint").textContent = `At least ${shortest} characters.`;
  if (token !== null) return;
  if (options.body.bootstrapped) showPanel("closed");
  else showForm();
}

function showForm(): void {
  say(anyElement("form-alert"), null);
  anyElement("token-field").hidden = token !== null;
  showPanel("make");
  anyElement(token === null ? "token" : "username").focus();
}

/** The house counts what is left after NFKC; short ones are caught here, for every try there counts. */
const check = ({ password = "" }: Values): Wrong =>
  [...password.normalize("NFKC")].length < shortest
    ? { password: `Use at least ${shortest} characters.` }
    : {};

async function send({
  token: pasted = "",
  username,
  password,
  name,
  email,
}: Values): Promise<Refused | null> {
  const answer = await ask("POST", "/auth/bootstrap/complete", {
    token: token ?? tokenIn(pasted),
    username,
    password,
    name: name || null,
    email: email || null,
  });
  if (answer.ok) {
    token = null;
    await offerAddress();
    return null;
  }
  if (answer.code === "ALREADY_BOOTSTRAPPED" || answer.code === "BOOTSTRAP_TOKEN_INVALID") {
    token = null;
    anyElement("token-field").hidden = false;
  }
  if (answer.code === "ALREADY_BOOTSTRAPPED") showPanel("closed");
  return answer;
}

/** Only to an admin whom the cookie already signs in, and only while nobody has decided the address. */
async function offerAddress(): Promise<void> {
  const settings = await ask<{ url_is_set: boolean }>("GET", "/auth/settings");
  if (!settings.ok && settings.status === 401) return location.replace("/login?error=COOKIE_REFUSED");
  if (!settings.ok || settings.body.url_is_set) return location.replace("/");
  element("form", HTMLFormElement).reset();
  anyElement("origin").textContent = location.origin;
  anyElement("loopback").hidden = !/^(localhost|127\..*|\[::1\])$/.test(location.hostname);
  showPanel("offer");
}

async function saveAddress(button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  const saved = await ask("PATCH", "/auth/settings", { url: location.origin });
  if (saved.ok) return location.replace("/");
  button.disabled = false;
  say(anyElement("offer-alert"), saved.message);
}

bindForm(element("form", HTMLFormElement), {
  check,
  send,
  fieldOf: { BOOTSTRAP_TOKEN_INVALID: "token", USERNAME_TAKEN: "username", EMAIL_TAKEN: "email" },
});
bindPeek(element("peek", HTMLButtonElement), element("password", HTMLInputElement));
const save = element("save", HTMLButtonElement);
save.addEventListener("click", () => void saveAddress(save));
anyElement("with-token").addEventListener("click", showForm);
anyElement("later").addEventListener("click", () => location.replace("/"));
// A set-up link opened where this page already is changes the fragment and loads nothing.
window.addEventListener("hashchange", () => {
  token = takeToken() ?? token;
  if (token !== null) showForm();
});
reloadWhenRevived();
void begin();
