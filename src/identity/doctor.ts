/** Looking over what a house stands on: each thing by itself, in words that say how to mend it. */

/** One thing that was looked at. */
export interface Step {
  /** One word, or a few: `certificate`. */
  readonly name: string;

  readonly ok: boolean;

  /** What was found; when it is not well, also why that matters. */
  readonly message: string;

  /** What to do about it: the very setting, or the very lines. */
  readonly fix?: string;
}
