import { type ComponentChildren, type ComponentType, render } from "preact";
import { useState } from "preact/hooks";
import { shell } from "../words/shell.ts";
import { type Language, language, languages, setLanguage } from "./language.ts";
import { News } from "./news.tsx";

/** Languages are called what their speakers call them. */
const ownNames: Readonly<Record<Language, string>> = { en: "English", de: "Deutsch" };

interface Page {
  /** For the tab, in the language of the moment. */
  readonly title: () => string;

  readonly Content: ComponentType;
}

/** Puts a page into its document, and again in other words when the language changes; what was typed stays. */
export function mount({ title, Content }: Page): void {
  const root = document.getElementById("app");
  if (!root) throw new Error("this document has no place for a page");
  const draw = () => {
    document.documentElement.lang = language();
    document.title = `${title()} – Housekey`;
    render(
      <Shell speak={draw}>
        <Content />
      </Shell>,
      root,
    );
  };
  draw();
  reloadWhenRevived();
}

function Shell({ speak, children }: { speak: () => void; children: ComponentChildren }) {
  return (
    <>
      <header class="top">
        <a class="brand" href="/account">
          <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
            <path
              class="brand-house"
              d="M14.6 2.5a2.2 2.2 0 0 1 2.8 0l11 9.1a1.7 1.7 0 0 1 .6 1.3V27a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3V12.9a1.7 1.7 0 0 1 .6-1.3z"
            />
            <path
              class="brand-key"
              d="M16 11.5a4.2 4.2 0 0 1 2 7.9l1 4.7a1.2 1.2 0 0 1-1.2 1.4h-3.6a1.2 1.2 0 0 1-1.2-1.4l1-4.7a4.2 4.2 0 0 1 2-7.9z"
            />
          </svg>
          Housekey
        </a>
        <LanguageChoice speak={speak} />
      </header>
      <main>{children}</main>
      <News />
    </>
  );
}

function LanguageChoice({ speak }: { speak: () => void }) {
  const [, redraw] = useState(0);
  const choose = (chosen: Language) => {
    setLanguage(chosen);
    redraw((count) => count + 1);
    speak();
  };
  return (
    <fieldset class="languages" aria-label={shell().language}>
      {languages.map((known) => (
        <button
          key={known}
          type="button"
          class="plain"
          lang={known}
          aria-pressed={known === language()}
          onClick={() => choose(known)}
        >
          {ownNames[known]}
        </button>
      ))}
    </fieldset>
  );
}

/** A page that comes back by the Back button shows what was true when it was left: load it anew. */
function reloadWhenRevived(): void {
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });
}
