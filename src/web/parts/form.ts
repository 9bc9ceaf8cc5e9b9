/** A form that is sent once at a time and says what is wrong where it is wrong. */
import type { Refused } from "./ask.ts";
import { say } from "./element.ts";

/** Words by the name of the field. */
export type Wrong = Readonly<Record<string, string>>;

export type Values = Readonly<Record<string, string>>;

interface FormAffairs {
  /** What can be seen to be wrong before anything is sent; empty fields with `data-missing` are found without. */
  check?(values: Values): Wrong;

  /** `null`: it is done and the page moves on, so the form stays locked. */
  send(values: Values): Promise<Refused | null>;

  /** The fields that refusals without details speak of, by code. */
  readonly fieldOf?: Readonly<Record<string, string>>;

  /** Where a refusal that speaks of no field puts the focus. */
  readonly retry?: string;
}

/** `values` come trimmed, passwords as they are. */
export function bindForm(form: HTMLFormElement, { check, send, fieldOf = {}, retry }: FormAffairs): void {
  const submit = form.querySelector<HTMLButtonElement>("button[type=submit]");
  let working = false;
  const work = (now: boolean) => {
    working = now;
    if (submit) submit.disabled = now;
    form.setAttribute("aria-busy", String(now));
  };

  async function attempt(): Promise<void> {
    const values = valuesOf(form);
    const wrong = { ...check?.(values), ...missing(form) };
    showWrong(form, wrong);
    if (Object.keys(wrong).length > 0) return;
    work(true);
    const refusal = await send(values);
    if (refusal === null) return;
    work(false);
    showRefusal(form, refusal, { fieldOf, retry });
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!working) void attempt();
  });
  form.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLInputElement) mark(target, null);
  });
  work(false);
}

/** A button that shows a password and hides it again. What is sent is hidden first, so that no browser keeps it as text. */
export function bindPeek(button: HTMLButtonElement, input: HTMLInputElement): void {
  const show = (shown: boolean) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.textContent = shown ? "Hide" : "Show";
  };
  button.addEventListener("click", () => {
    show(input.type === "password");
    input.focus();
  });
  input.form?.addEventListener("submit", () => show(false));
}

const inputs = (form: HTMLFormElement): HTMLInputElement[] =>
  [...form.querySelectorAll("input")].filter((input) => !input.closest("[hidden]"));

const valuesOf = (form: HTMLFormElement): Values =>
  Object.fromEntries(
    inputs(form).map(({ name, value }) => [name, name === "password" ? value : value.trim()]),
  );

const missing = (form: HTMLFormElement): Wrong =>
  Object.fromEntries(
    inputs(form)
      .filter(({ value, dataset }) => value.trim() === "" && dataset.missing !== undefined)
      .map(({ name, dataset }) => [name, dataset.missing ?? ""]),
  );

function showRefusal(
  form: HTMLFormElement,
  { code, message, details }: Refused,
  { fieldOf, retry }: { fieldOf: Readonly<Record<string, string>>; retry: string | undefined },
): void {
  const field = fieldOf[code];
  const told = details.map(({ path, message: words }) => [path, words] as const);
  const spoken = showWrong(form, Object.fromEntries(field === undefined ? told : [[field, message]]));
  if (spoken) return;
  const alert = form.querySelector<HTMLElement>("[role=alert]");
  if (alert) say(alert, message);
  inputs(form)
    .find(({ name }) => name === retry)
    ?.select();
}

/** Puts the words beside their fields and the focus into the first; false when no field of the form was meant. */
function showWrong(form: HTMLFormElement, wrong: Wrong): boolean {
  const alert = form.querySelector<HTMLElement>("[role=alert]");
  if (alert) say(alert, null);
  for (const input of inputs(form)) mark(input, wrong[input.name] ?? null);
  const first = inputs(form).find(({ name }) => wrong[name] !== undefined);
  first?.focus();
  return first !== undefined;
}

function mark(input: HTMLInputElement, words: string | null): void {
  if (words === null) input.removeAttribute("aria-invalid");
  else input.setAttribute("aria-invalid", "true");
  const place = document.getElementById(`${input.id}-error`);
  if (place) place.textContent = words;
}
