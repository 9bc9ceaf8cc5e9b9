import type { ComponentChildren } from "preact";

interface ContentsProps {
  readonly label: string;

  /** The sections of the page: the id and the title of each. */
  readonly parts: readonly (readonly [string, string])[];

  readonly children: ComponentChildren;
}

/** A long page, with its contents beside it where there is room. */
export const Contents = ({ label, parts, children }: ContentsProps) => (
  <div class="with-contents">
    <nav class="contents" aria-label={label}>
      {parts.map(([id, title]) => (
        <a key={id} href={`#${id}`}>
          {title}
        </a>
      ))}
    </nav>
    <div class="stack">{children}</div>
  </div>
);
