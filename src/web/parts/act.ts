/** Asking the house as somebody who is signed in. */
import { type Answer, ask, type Method, refusal } from "./ask.ts";

/** Asks the person to prove, in place, who they are; false when they would rather not. */
type Confirm = () => Promise<boolean>;

let confirm: Confirm = async () => false;

/** By the page's own dialog. */
export const confirmBy = (way: Confirm): void => {
  confirm = way;
};

/**
 * Like `ask`. What needs a fresh sign-in is done after the person has confirmed that it is them; a session
 * that has ended elsewhere leads to the sign-in page, and from there back here.
 */
export async function act<Body = null>(method: Method, path: string, body?: object): Promise<Answer<Body>> {
  const answer = await ask<Body>(method, path, body);
  if (answer.ok) return answer;
  if (answer.code === "FRESH_LOGIN_REQUIRED")
    return (await confirm()) ? act(method, path, body) : refusal("CANCELLED");
  if (answer.code === "UNAUTHENTICATED") return signInAgain("UNAUTHENTICATED");
  return answer;
}

/** The page is being left: nothing comes of it any more. */
export function signInAgain(error: string | null): Promise<never> {
  const query = new URLSearchParams({ return_to: location.pathname + location.search });
  if (error !== null) query.set("error", error);
  location.replace(`/login?${query}`);
  return new Promise(() => {});
}
