/** What pages are made of: cards, headings, and words about what went wrong. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { inWords } from "../words/refusals.ts";
import { shell } from "../words/shell.ts";
import type { Refused } from "./ask.ts";

/** A card that is all of a page, or one step of it. A step that takes another's place takes the focus, so that a screen reader comes along. */
export function Card({
  title,
  intro,
  children,
}: {
  title: ComponentChildren;
  intro?: ComponentChildren;
  children?: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!heading.current?.closest(".card")?.contains(document.activeElement)) heading.current?.focus();
  }, []);
  return (
    <section class="card">
      <hgroup>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {intro && <p class="soft">{intro}</p>}
      </hgroup>
      {children}
    </section>
  );
}

interface SectionProps {
  readonly id: string;
  readonly title: string;
  readonly intro?: ComponentChildren;

  /** Stands beside the title. */
  readonly beside?: ComponentChildren;

  readonly children?: ComponentChildren;
}

/** A part of a long page, with an address of its own. */
export function Section({ id, title, intro, beside, children }: SectionProps) {
  const label = useId();
  return (
    <section class="card" id={id} aria-labelledby={label}>
      <div class="spread">
        <hgroup>
          <h2 id={label} tabIndex={-1}>
            {title}
          </h2>
          {intro && <p class="soft">{intro}</p>}
        </hgroup>
        {beside}
      </div>
      {children}
    </section>
  );
}

/** Read out when it appears; nothing at all while there is nothing to say. */
export function Alert({ words }: { words: ComponentChildren }) {
  return (
    <div role="alert" class="alert" hidden={!words}>
      {words}
    </div>
  );
}

export const RefusedAlert = ({ refused }: { refused: Refused | null }) => (
  <Alert words={refused && inWords(refused)} />
);

export const Loading = () => <p class="soft loading">{shell().loading}</p>;

interface DoProps {
  readonly act: () => Promise<unknown>;
  readonly class?: string;
  readonly label?: string | undefined;
  readonly children: ComponentChildren;
}

/** A button that does one thing at a time, and shows that it is at it. A disabled one would lose the focus. */
export function Do({ act, class: kind, label, children }: DoProps) {
  const working = useRef(false);
  const [busy, setBusy] = useState(false);
  const attempt = async () => {
    if (working.current) return;
    working.current = true;
    setBusy(true);
    await act();
    working.current = false;
    setBusy(false);
  };
  return (
    <button type="button" class={kind} aria-label={label} aria-disabled={busy} onClick={() => void attempt()}>
      {children}
    </button>
  );
}
