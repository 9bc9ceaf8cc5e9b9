/** The element of that kind and id. A page without it was built wrong. */
export function element<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`this page has no ${id}`);
  return found;
}

export const anyElement = (id: string): HTMLElement => element(id, HTMLElement);

/** Text only: whatever people call themselves never becomes markup. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  text: string,
  className = "",
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

/** Shows `words`, or nothing at all. */
export function say(place: HTMLElement, words: string | null): void {
  place.textContent = words;
  place.hidden = words === null;
}
