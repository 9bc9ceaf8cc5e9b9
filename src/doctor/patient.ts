/** What is looked over, as far as it is known beforehand. */
import type { Config } from "../config.ts";
import type { Seen, Step } from "../identity/doctor.ts";
import type { Post } from "../identity/mail.ts";

export interface Patient {
  readonly config: Config;
  readonly post: Post;
  readonly clock: () => Date;

  /** What requests gave away; null: no server of this house is asked. */
  readonly seen: Seen | null;

  /** By how many milliseconds somebody set the clock since the start; null: nobody watched. */
  readonly clockMoved: (() => number) | null;

  /** By how many milliseconds what the house last wrote lay ahead of the clock, before this run wrote anything. */
  readonly ahead: number;

  /** Since when the run before this one had served when it ended without a word; null: it ended as it should. */
  readonly crashed: string | null;

  /** Since when nothing is written, because the disk failed to keep what was; null: all is written, or nobody knows. */
  readonly unflushed?: () => Date | null;

  /** Tries out the other provider that people sign in with; absent: nobody can try it. */
  readonly provider?: () => Promise<readonly Step[]>;

  /** The address for as long as nobody has set one. */
  readonly defaultUrl: () => string;
}

/** The address, and whether somebody decided it. */
export interface Address {
  readonly url: URL;
  readonly isSet: boolean;
}

export const well = (name: string, message: string): Step => ({ name, ok: true, message });

export const ill = (name: string, message: string, fix: string): Step => ({ name, ok: false, message, fix });

/** What was seen within the hour may still be so; what came before may long be mended. */
export const isRecent = (at: Date, now: Date): boolean => now.getTime() - at.getTime() < 3_600_000;
