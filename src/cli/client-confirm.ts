/** Some things a house does only for somebody who just proved who they are. */
import { Failure } from "../host/failure.ts";
import { ask, type House, Refused } from "./client.ts";
import { askSecret, isTerminal } from "./client-ask.ts";

/** Does `work`, and does it again once the person has confirmed, if that is what the house wants. */
export async function confirmed<T>(house: House, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "FRESH_LOGIN_REQUIRED") throw error;
  }
  if (!isTerminal())
    throw new Failure("the house wants you to confirm that it is you; run this again in a terminal");
  await confirm(house);
  return work();
}

const mostTries = 3;

/** What the house may want to see, and how to ask for it. */
const questions = {
  password: "Password: ",
  code: "Code (from your authenticator app, a backup code, or a mail): ",
};

type Proof = keyof typeof questions;

/** The house is asked first what it wants to see, then shown that: which proofs an account has is not for us to know. */
async function confirm(house: House): Promise<void> {
  const proofs: Partial<Record<Proof, string>> = {};
  let wrong = 0;
  for (;;)
    try {
      await ask(house, "POST", "/auth/sessions/current/confirm", proofs);
      return;
    } catch (error) {
      const wanted = error instanceof Refused ? wantedBy(error) : null;
      if (wanted === null) throw error;
      if (proofs[wanted] !== undefined && ++wrong === mostTries) throw error;
      if (proofs[wanted] !== undefined) process.stderr.write("That is not right. Try again.\n");
      proofs[wanted] = await askSecret(questions[wanted]);
    }
}

/** The proof that is missing or was wrong; null when it is something else. */
function wantedBy({ code, fields }: Refused): Proof | null {
  if (code === "TOTP_REQUIRED" || code === "INVALID_CODE") return "code";
  if (code === "INVALID_CREDENTIALS") return "password";
  const [name] = fields;
  return code === "INVALID_REQUEST" && (name === "password" || name === "code") ? name : null;
}
