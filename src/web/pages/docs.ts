import type { Document } from "../docs/document.ts";
import { anyElement, element, make, say } from "../docs/element.ts";
import { operationPanel, type Shown } from "../docs/operation.ts";
import { prose } from "../docs/prose.ts";
import { ask } from "../parts/ask.ts";
import { inWords } from "../words/refusals.ts";

interface Group {
  readonly element: HTMLElement;
  readonly operations: readonly Shown[];
}

const search = element("search", HTMLInputElement);
let groups: readonly Group[] = [];

async function begin(): Promise<void> {
  const answer = await ask<Document>("GET", "/docs/json");
  if (!answer.ok) return say(anyElement("trouble"), inWords(answer));
  const { info, tags } = answer.body;
  anyElement("version").textContent = info.version;
  anyElement("intro").replaceChildren(...info.description.split("\n\n").map((text) => prose(text)));
  groups = tags.map((tag) => groupOf(tag, answer.body));
  anyElement("groups").replaceChildren(...groups.map((group) => group.element));
  filter();
  openNamed();
}

function groupOf({ name, description }: Document["tags"][number], document: Document): Group {
  const section = make("section", "", "card group");
  section.append(make("h2", name), make("p", description, "soft"));
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(name))
      .map(([method, operation]) => operationPanel(method, path, operation, document)),
  );
  section.append(...operations.map((operation) => operation.element));
  return { element: section, operations };
}

/** Shows what has every word that was typed, anywhere: in its path, its summary, its codes. */
function filter(): void {
  const wanted = search.value.toLowerCase().split(/\s+/);
  let count = 0;
  for (const group of groups) {
    for (const { element: panel, words } of group.operations) {
      panel.hidden = !wanted.every((word) => words.includes(word));
      if (!panel.hidden) count++;
    }
    group.element.hidden = group.operations.every((operation) => operation.element.hidden);
  }
  anyElement("found").textContent = count === 1 ? "1 endpoint" : `${count} endpoints`;
}

/** A link to one endpoint opens it. */
function openNamed(): void {
  const named = document.getElementById(location.hash.slice(1));
  if (!(named instanceof HTMLDetailsElement)) return;
  named.open = true;
  named.scrollIntoView();
}

search.addEventListener("input", filter);
addEventListener("hashchange", openNamed);
void begin();
