import { type Answer, type Content, type Document, type Operation, onlyContent } from "./document.ts";
import { make } from "./element.ts";
import { fieldLine, fieldList, kindOf } from "./fields.ts";
import { example, prose } from "./prose.ts";

export interface Shown {
  readonly element: HTMLDetailsElement;

  /** What a search looks through, in lower case. */
  readonly words: string;
}

/** An endpoint, folded; its inside is made when it is opened first. */
export function operationPanel(
  method: string,
  path: string,
  operation: Operation,
  document: Document,
): Shown {
  const element = make("details", "", "operation");
  element.id = operation.operationId;
  const summary = make("summary", "");
  summary.append(
    make("span", method.toUpperCase(), `method ${method}`),
    make("code", path),
    make("span", operation.summary, "soft"),
  );
  element.append(summary);
  element.addEventListener("toggle", () => fill(element, operation, document), { once: true });
  const codes = Object.values(operation.responses).flatMap((answer) => codesOf(answer));
  const said = [method, path, operation.summary, operation.description, operation["x-permission"], ...codes];
  return { element, words: said.join(" ").toLowerCase() };
}

const codesOf = ({ content }: Answer): string[] => Object.keys(onlyContent(content)?.examples ?? {});

function fill(element: HTMLElement, operation: Operation, document: Document): void {
  const { description, parameters = [], requestBody, responses } = operation;
  const inside = make("div", "", "inside");
  if (description !== undefined) inside.append(prose(description));
  inside.append(prose(needsOf(operation), "needs"));
  if (parameters.length > 0) {
    const list = make("ul", "", "fields");
    for (const one of parameters) {
      const kind = `${kindOf(one.schema, document)}, in the ${one.in}`;
      list.append(fieldLine(one.name, kind, one.required, one.description));
    }
    inside.append(make("h3", "Parameters"), list);
  }
  const body = onlyContent(requestBody?.content);
  if (body) inside.append(make("h3", "Request"), ...contentParts(body, document));
  for (const [status, answer] of Object.entries(responses))
    inside.append(...answerParts(status, answer, document));
  element.append(inside);
}

/** Who may ask, and how often, in a sentence each. */
function needsOf(operation: Operation): string {
  const { "x-permission": permission, "x-fresh": fresh, "x-limit": limit } = operation;
  const sentences = [audienceOf(operation)];
  if (permission !== undefined) sentences.push(`Needs the permission \`${permission}\`.`);
  if (fresh) sentences.push("Needs a fresh sign-in.");
  if (limit !== undefined) sentences.push(`Counted on the row \`${limit}\`.`);
  return sentences.join(" ");
}

function audienceOf({ security }: Operation): string {
  const takes = (scheme: string) => security.some((one) => scheme in one);
  if (security.length === 0) return "For anybody.";
  if (!takes("bearer")) return "For an API key.";
  return takes("api_key") ? "For whoever is signed in, and for API keys." : "For whoever is signed in.";
}

function contentParts({ schema, example: shown }: Content, document: Document): HTMLElement[] {
  const fields = fieldList(schema, document);
  return [...(fields ? [fields] : []), example(shown)];
}

function answerParts(status: string, answer: Answer, document: Document): HTMLElement[] {
  const title = make("h3", "Answer ");
  title.append(make("span", status, Number(status) < 400 ? "tag" : "tag refused"));
  const content = onlyContent(answer.content);
  const refusals = Object.entries(content?.examples ?? {});
  if (!content || refusals.length === 0)
    return [title, prose(answer.description), ...(content ? contentParts(content, document) : [])];
  const list = make("ul", "", "fields");
  for (const [code, { summary }] of refusals) {
    const line = make("li", "");
    line.append(make("code", code), " ", make("span", summary, "soft"));
    list.append(line);
  }
  const folded = make("details", "");
  folded.append(make("summary", "Example"), ...refusals.map(([, { value }]) => example(value)));
  return [title, list, folded];
}
