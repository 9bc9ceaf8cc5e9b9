import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { shell } from "../words/shell.ts";
import { useForm } from "./form.tsx";

export interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: ComponentChildren;

  /** What to say when it is left empty; without it, it may be. */
  readonly missing?: string;

  /** Says beside the label that it may be left empty. */
  readonly optional?: boolean;

  /** Takes the focus when it appears. */
  readonly first?: boolean;

  /** Stands beside the input. */
  readonly beside?: ComponentChildren;

  readonly type?: "text" | "password" | "email" | "number" | "search" | "url";
  readonly autocomplete?: string;
  readonly autoCapitalize?: "none" | "words" | "sentences";
  readonly inputMode?: "numeric";
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  readonly defaultValue?: string;

  /** The id of a `datalist` with what to choose from. */
  readonly list?: string;
  readonly readOnly?: boolean;
  readonly onInput?: (typed: string) => void;
}

/** A labelled input, with what is wrong with it and what helps below. */
export function Field(props: FieldProps) {
  const { name, label, hint, missing, optional, first, beside, type = "text", onInput, ...rest } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const { wrong, touch } = useForm();
  const words = wrong[name] ?? "";
  useLayoutEffect(() => {
    if (first) input.current?.focus();
  }, []);
  return (
    <div class="field">
      <label for={id}>
        {label} {optional && <span class="soft">({shell().optional})</span>}
      </label>
      <div class="beside">
        <input
          autoCapitalize="none"
          spellcheck={false}
          {...rest}
          // The types of JSX know each kind of input by itself, and none by a variable.
          type={type as "text"}
          ref={input}
          id={id}
          name={name}
          data-missing={missing}
          data-first={first}
          aria-invalid={words !== "" || undefined}
          aria-describedby={`${id}-error${hint === undefined ? "" : ` ${id}-hint`}`}
          onInput={(event) => {
            touch(name);
            onInput?.(event.currentTarget.value);
          }}
        />
        {beside}
      </div>
      <p class="error" id={`${id}-error`} aria-live="polite">
        {words}
      </p>
      {hint !== undefined && (
        <div class="hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
    </div>
  );
}

/** A password that can be looked at while it is typed. It is hidden again before it is sent, so that no browser keeps it as text. */
export function PasswordField(props: Omit<FieldProps, "type" | "beside">) {
  const t = shell();
  const [shown, setShown] = useState(false);
  const { working } = useForm();
  const open = shown && !working;
  return (
    <Field
      maxLength={510}
      {...props}
      type={open ? "text" : "password"}
      beside={
        <button
          type="button"
          class="quiet peek"
          aria-pressed={open}
          aria-label={t.showPassword}
          onClick={({ currentTarget }) => {
            setShown(!open);
            currentTarget.parentElement?.querySelector("input")?.focus();
          }}
        >
          {open ? t.hide : t.show}
        </button>
      }
    />
  );
}

/** A code of six digits, or a backup code. */
export function CodeField(props: Omit<FieldProps, "type">) {
  return <Field autocomplete="one-time-code" maxLength={32} {...props} type="text" />;
}
