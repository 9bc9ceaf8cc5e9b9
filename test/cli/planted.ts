/** What can be wrong with a house: how it is planted, and what `housekey verify` must say of it. */
import { plant } from "./operator.ts";

export interface Planted {
  /** As a test says it. */
  readonly fault: string;

  readonly plant: (data: string) => void;

  /** The checks that find it: these and no other. */
  readonly checks: readonly string[];

  /** One line of theirs. */
  readonly says: RegExp;
}

/** A fault in the rows: of `fault` the first word is the check that finds it, up to the colon. */
export const rows = (fault: string, says: RegExp, ...statements: string[]): Planted => {
  const [checks = "", sentence = ""] = fault.split(": ");
  return {
    fault: sentence,
    checks: checks.split(", "),
    says,
    plant: (data) =>
      plant(data, (db) => {
        for (const statement of statements) db.run(statement);
      }),
  };
};
