import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { shell } from "../words/shell.ts";
import type { Refused } from "./ask.ts";
import { Do, RefusedAlert } from "./page.tsx";

interface DialogProps {
  readonly title: ComponentChildren;

  /** By Escape or the button. */
  readonly close: () => void;

  readonly children: ComponentChildren;
}

/** Over the page as long as it is rendered; afterwards the focus is back where it was. */
export function Dialog({ title, close, children }: DialogProps) {
  const label = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    const shown = dialog.current;
    if (!shown?.open) shown?.showModal();
    shown?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      shown?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={label}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <div class="inside">
        <h2 id={label} tabIndex={-1}>
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}

interface SureProps {
  /** What the button that asks says, and to whom it means what. */
  readonly button: ComponentChildren;
  readonly label?: string;
  readonly class?: string;

  readonly title: ComponentChildren;
  readonly children?: ComponentChildren;

  /** What the button that does it says. */
  readonly yes: string;

  /** `null`: it is done. */
  readonly act: () => Promise<Refused | null>;
}

/** A button for what cannot be undone: asks before it does it. */
export function Sure({ button, label, class: kind = "quiet", title, children, yes, act }: SureProps) {
  const [open, setOpen] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const close = () => {
    setOpen(false);
    setRefused(null);
  };
  const attempt = async () => {
    const answer = await act();
    if (answer === null) close();
    else setRefused(answer);
  };
  return (
    <>
      <button type="button" class={kind} aria-label={label} onClick={() => setOpen(true)}>
        {button}
      </button>
      {open && (
        <Dialog title={title} close={close}>
          {children}
          <RefusedAlert refused={refused} />
          <div class="row end">
            <button type="button" class="quiet" onClick={close}>
              {shell().cancel}
            </button>
            <Do class="danger" act={attempt}>
              {yes}
            </Do>
          </div>
        </Dialog>
      )}
    </>
  );
}
