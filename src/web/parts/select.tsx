import { useId } from "preact/hooks";

interface SelectProps {
  readonly name: string;
  readonly label: string;
  readonly value?: string | undefined;
  readonly disabled?: boolean;

  /** What is sent, and what is shown for it. */
  readonly options: readonly (readonly [string, string])[];

  readonly onChoose?: (chosen: string) => void;
}

/** One of a few. */
export function Select({ name, label, value, disabled, options, onChoose }: SelectProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        name={name}
        disabled={disabled}
        onChange={(event) => onChoose?.(event.currentTarget.value)}
      >
        {options.map(([sent, shown]) => (
          <option key={sent} value={sent} selected={sent === value}>
            {shown}
          </option>
        ))}
      </select>
    </div>
  );
}

interface CheckProps {
  readonly name: string;
  readonly label: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
}

/** Yes or no. */
export const Check = ({ name, label, checked, disabled }: CheckProps) => (
  <label class="check">
    <input type="checkbox" name={name} defaultChecked={checked} disabled={disabled} />
    <span>{label}</span>
  </label>
);
