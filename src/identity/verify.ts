/**
 * Looking a house over: what has to hold, whatever happened to it. Named checks in a list; none of them
 * writes, and none says anything that is secret.
 */
export interface Check<Subject> {
  readonly name: string;

  /** What is wrong, one line each, in lower case; nothing when all is well. */
  readonly find: (subject: Subject) => readonly string[];
}

export interface Finding {
  readonly check: string;
  readonly problems: readonly string[];
}

/** Makes every check, also after one that broke: damage in one place must not hide the rest. */
export function look<Subject>(checks: readonly Check<Subject>[], subject: Subject): Finding[] {
  return checks.map(({ name, find }) => {
    try {
      return { check: name, problems: find(subject) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { check: name, problems: [`cannot be checked: ${reason.split("\n")[0]}`] };
    }
  });
}

export const isSound = (findings: readonly Finding[]): boolean =>
  findings.every(({ problems }) => problems.length === 0);
