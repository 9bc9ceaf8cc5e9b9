import { make } from "./element.ts";

/** A paragraph; what stands between backticks is code. */
export function prose(text: string, className = ""): HTMLParagraphElement {
  const paragraph = make("p", "", className);
  text
    .split("`")
    .forEach((piece, index) => void paragraph.append(index % 2 === 0 ? piece : make("code", piece)));
  return paragraph;
}

/** JSON, as a person would indent it. */
export function example(value: unknown): HTMLPreElement {
  const shown = make("pre", typeof value === "string" ? value : JSON.stringify(value, null, 2));
  // It scrolls sideways, and whoever has no mouse has to get there.
  shown.tabIndex = 0;
  return shown;
}
