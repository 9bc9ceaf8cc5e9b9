import { wordRefusal } from "../http/refusal.ts";
import { Refusal } from "../identity/refusal.ts";

/** What went wrong as the command line says things: one line, lower case at its start, no full stop. */
export function wording(error: unknown): string {
  if (error instanceof Refusal) return refused(error);
  const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  return begun(line).replace(/\.$/, "");
}

/** The same words as over HTTP, in front of them what they are about, and behind them what the engine said. */
function refused(refusal: Refusal): string {
  const { message, details = [] } = wordRefusal(refusal, "").body.error;
  const about = details.map(({ path }) => path).filter((path) => path !== "");
  const said =
    refusal.code === "INVALID_REQUEST" ? details.map((detail) => detail.message).join(" ") : message;
  const words = sentence(said || message);
  const cause = refusal.code === "STORE_UNAVAILABLE" ? innermost(refusal) : null;
  return `${about.length > 0 ? `${about.join(", ")}: ` : ""}${words}${cause ? ` (${cause})` : ""}`;
}

/** A name in capitals stays what it is. */
const begun = (sentence: string): string =>
  sentence.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());

/** What was written for a person, as part of a line: its sentences joined. */
export const sentence = (text: string): string =>
  text.split(/\.\s+/).map(begun).join("; ").replace(/\.$/, "");

/** Drizzle wraps what the engine throws in the whole query. */
function innermost(error: Error): string | null {
  if (!(error.cause instanceof Error)) return null;
  return innermost(error.cause) ?? error.cause.message.split("\n")[0] ?? null;
}
