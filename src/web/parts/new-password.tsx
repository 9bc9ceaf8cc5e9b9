import { useState } from "preact/hooks";
import { newPassword } from "../words/new-password.ts";
import { type FieldProps, PasswordField } from "./field.tsx";
import { useForm } from "./form.tsx";

/** The house counts code points after NFKC, and so does the page. */
export const lengthOf = (password: string): number => [...password.normalize("NFKC")].length;

interface NewPasswordProps extends Omit<FieldProps, "type" | "beside" | "hint" | "autocomplete" | "onInput"> {
  /** In code points. */
  readonly least: number;

  /** The person's own names, which are no password; told while it is typed. */
  readonly own?: () => readonly string[];
}

const longest = 255;

/** What the page can tell before the house does; the house also knows the most used ones. */
export function weakness(password: string, least: number, own: readonly string[] = []): string | null {
  const t = newPassword();
  const length = lengthOf(password);
  if (length < least) return t.atLeast(least);
  if (length > longest) return t.atMost(longest);
  const folded = password.normalize("NFKC").toLowerCase();
  const names = ["housekey", ...own, ...own.map((name) => name.split("@")[0] ?? "")];
  if (names.some((name) => name !== "" && name.normalize("NFKC").toLowerCase() === folded)) return t.ownName;
  return null;
}

/** A password to be chosen: how far it is from being long enough is told while it is typed. */
export function NewPassword({ least, own, ...field }: NewPasswordProps) {
  const t = newPassword();
  const [typed, setTyped] = useState("");
  const { wrong: said } = useForm();
  const wrong = typed === "" ? null : weakness(typed, least, own?.());
  return (
    <PasswordField
      {...field}
      autocomplete="new-password"
      onInput={setTyped}
      hint={
        <>
          <meter
            min={0}
            max={least}
            value={Math.min(lengthOf(typed), least)}
            aria-label={t.length}
            class={wrong === null && typed !== "" ? "enough" : ""}
          />
          <span>{typed === "" || said[field.name] ? t.rule(least) : (wrong ?? t.good)}</span>
        </>
      }
    />
  );
}
