import { inWords } from "../words/refusals.ts";
import { shell } from "../words/shell.ts";
import { refusal } from "./ask.ts";
import { announce } from "./news.tsx";
import { Do } from "./page.tsx";

/** Copies, and says so; where the browser does not let it, says that. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce(shell().copied);
  } catch {
    announce(inWords(refusal("COPY_REFUSED")));
  }
}

/** Text for a terminal or a file, with a button that copies it. `label` says what it is. */
export function Lines({ label, text }: { label: string; text: string }) {
  return (
    <figure class="lines">
      <figcaption>{label}</figcaption>
      <Do class="quiet small" label={`${shell().copy}: ${label}`} act={() => copy(text)}>
        {shell().copy}
      </Do>
      <pre>{text}</pre>
    </figure>
  );
}
