/** A form that is sent once at a time and says what is wrong where it is wrong. */
import { type ComponentChildren, createContext } from "preact";
import { useContext, useLayoutEffect, useRef, useState } from "preact/hooks";
import { detailInWords, inWords } from "../words/refusals.ts";
import type { Refused } from "./ask.ts";
import { Alert } from "./page.tsx";

export type Values = Readonly<Record<string, string>>;

/** Words by the name of the field. */
export type Wrong = Readonly<Record<string, string>>;

interface State {
  readonly working: boolean;
  readonly wrong: Wrong;
  readonly refused: Refused | null;
}

const calm: State = { working: false, wrong: {}, refused: null };

interface Inside extends State {
  /** The person changes a field: what was wrong with it is no longer said. */
  readonly touch: (name: string) => void;
}

const FormContext = createContext<Inside>({ ...calm, touch: () => {} });

export const useForm = (): Inside => useContext(FormContext);

interface FormProps {
  /** Values come trimmed, passwords as they are. `null`: it is done. */
  readonly send: (values: Values) => Promise<Refused | null>;

  /** What can be seen to be wrong before anything is sent; empty fields with a `missing` are found without. */
  readonly check?: (values: Values) => Wrong;

  /** The fields that refusals without details speak of, by code. */
  readonly fieldOf?: Readonly<Record<string, string>>;

  /** Where a refusal that speaks of no field puts the focus. */
  readonly retry?: string;

  readonly class?: string;
  readonly children: ComponentChildren;
}

export function Form({ send, check, fieldOf = {}, retry, class: kind, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const working = useRef(false);
  const [state, setState] = useState(calm);
  const focusOn = useRef<string | undefined>(undefined);

  // Before the words are painted: whoever reads them is in the field already.
  useLayoutEffect(() => {
    const name = focusOn.current;
    focusOn.current = undefined;
    const input = name === undefined ? null : form.current?.elements.namedItem(name);
    if (!(input instanceof HTMLInputElement)) return;
    input.focus();
    if (name === retry) input.select();
  }, [state]);

  const attempt = async (own: HTMLFormElement) => {
    if (working.current) return;
    const values = valuesOf(own);
    const wrong = { ...check?.(values), ...missing(own) };
    focusOn.current = firstOf(own, wrong);
    if (focusOn.current !== undefined) return setState({ ...calm, wrong });
    working.current = true;
    setState({ ...calm, working: true });
    const refused = await send(values);
    working.current = false;
    if (refused === null) return setState(calm);
    const spoken = wordsByField(refused, fieldOf);
    focusOn.current = firstOf(own, spoken);
    if (focusOn.current !== undefined) return setState({ ...calm, wrong: spoken });
    focusOn.current = retry;
    setState({ ...calm, refused });
  };

  const touch = (name: string) => {
    if (name in state.wrong) setState({ ...state, wrong: { ...state.wrong, [name]: "" } });
  };

  return (
    <FormContext.Provider value={{ ...state, touch }}>
      <form
        ref={form}
        class={kind ?? "form"}
        method="post"
        noValidate
        aria-busy={state.working}
        onSubmit={(event) => {
          event.preventDefault();
          void attempt(event.currentTarget);
        }}
      >
        <Alert words={state.refused && inWords(state.refused)} />
        {children}
      </form>
    </FormContext.Provider>
  );
}

/** Sends the form around it. */
export function Submit({ class: kind, children }: { class?: string; children: ComponentChildren }) {
  const { working } = useForm();
  return (
    <button type="submit" class={kind} aria-disabled={working}>
      {children}
    </button>
  );
}

const inputsOf = (form: HTMLFormElement): HTMLInputElement[] =>
  [...form.elements].filter((element) => element instanceof HTMLInputElement);

const isPassword = (name: string): boolean => name.endsWith("password");

const valuesOf = (form: HTMLFormElement): Values =>
  Object.fromEntries(
    [...new FormData(form)].map(([name, value]) => {
      const text = typeof value === "string" ? value : "";
      return [name, isPassword(name) ? text : text.trim()];
    }),
  );

const missing = (form: HTMLFormElement): Wrong =>
  Object.fromEntries(
    inputsOf(form)
      .filter(({ value, dataset }) => value.trim() === "" && dataset.missing !== undefined)
      .map(({ name, dataset }) => [name, dataset.missing ?? ""]),
  );

/** The first field, in the order of the page, about which there is something to say. */
const firstOf = (form: HTMLFormElement, wrong: Wrong): string | undefined =>
  inputsOf(form).find(({ name }) => wrong[name])?.name;

function wordsByField(refused: Refused, fieldOf: Readonly<Record<string, string>>): Wrong {
  const field = fieldOf[refused.code];
  if (field !== undefined) return { [field]: inWords(refused) };
  return Object.fromEntries(refused.details.map((detail) => [detail.path, detailInWords(detail)]));
}
