/** The language of the pages: what the person chose here before, else what the browser asks for. */

export const languages = ["en", "de"] as const;
export type Language = (typeof languages)[number];

/** The only thing that the pages keep in a browser. */
const kept = "language";

const isLanguage = (text: string | null): text is Language => languages.some((known) => known === text);

/** The first of the browser's languages that the house speaks; English when it speaks none of them. */
export function preferred(asked: readonly string[]): Language {
  return asked.map((tag) => tag.toLowerCase().split("-")[0] ?? "").find(isLanguage) ?? "en";
}

let current: Language | undefined;

export function language(): Language {
  current ??= remembered() ?? preferred(navigator.languages);
  return current;
}

export function setLanguage(chosen: Language): void {
  current = chosen;
  try {
    localStorage.setItem(kept, chosen);
  } catch {
    // A browser that keeps nothing asks again on the next page.
  }
}

function remembered(): Language | null {
  try {
    const found = localStorage.getItem(kept);
    return isLanguage(found) ? found : null;
  } catch {
    return null;
  }
}

/**
 * The words of a page or a part, in every language the house speaks. The German ones have the type of the
 * English ones: a sentence that is missing, or takes other parameters, does not compile.
 */
export function catalogue<Words>(words: { readonly en: Words; readonly de: NoInfer<Words> }): () => Words {
  return () => words[language()];
}
