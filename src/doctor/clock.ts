/** What can be told about a clock without the internet: how it moved, and what others' clocks say. */
import type { Seen, Step } from "../identity/doctor.ts";
import { ill, well } from "./patient.ts";

const name = "clock";
const fix =
  "Let the machine keep the time: timedatectl set-ntp true (or chrony, or the setting of your NAS); on a Raspberry Pi " +
  "after a power cut wait until it has the time from the network. Then restart the house.";

/** Seconds that a person's own clock may be off. */
const tolerated = 30;
const movedTolerated = 5;

interface Clocks {
  readonly now: Date;

  /** Milliseconds; null: nobody watched. */
  readonly moved: number | null;

  readonly clientNow: Date | null;
  readonly seen: Seen | null;

  /** Milliseconds by which what the house last wrote lay ahead of this clock, before this run wrote anything. */
  readonly ahead: number;

  /** What keeps this clock, in words; null: nobody says. */
  readonly keeper: string | null;
}

export function examineClock({ now, moved, clientNow, seen, ahead, keeper }: Clocks): Step[] {
  const found: Step[] = [];
  const codes = offsetOfCodes(seen?.codeOffsets ?? []);
  if (codes !== null)
    found.push(
      ill(
        name,
        `codes of authenticator apps were refused that were right for ${span(codes)}: this clock (${now.toISOString()}) ` +
          "or that of the phones is off, and nobody gets in with a code",
        fix,
      ),
    );
  const other = clientNow === null ? 0 : Math.round((clientNow.getTime() - now.getTime()) / 1000);
  if (Math.abs(other) > tolerated)
    found.push(
      ill(
        name,
        `the clock of whoever asks is ${span(other)}: one of the two is off, and codes are refused`,
        fix,
      ),
    );
  const behind = Math.round(ahead / 1000);
  if (behind > tolerated)
    found.push(
      ill(
        name,
        `what the house had written last was of ${span(behind)} than this clock said when it was looked at: ` +
          "the clock was behind then, or ahead before",
        fix,
      ),
    );
  const jump = Math.round((moved ?? 0) / 1000);
  if (Math.abs(jump) > movedTolerated)
    found.push(
      ill(
        name,
        `it was set to ${span(jump)} while the house was served: sessions and codes may have ended too early or late`,
        "If that was the machine finding the right time after it was switched on, there is nothing to do; let the " +
          "house start after the time is known (systemd: After=time-sync.target).",
      ),
    );
  if (found.length > 0) return found;
  const words = [
    now.toISOString(),
    moved === null ? "nobody watched it" : "it ran evenly since the start",
    keeper ?? [],
  ];
  return [well(name, words.flat().join("; "))];
}

/** One refused code proves little; two that are off by as much prove a clock. */
function offsetOfCodes(offsets: readonly number[]): number | null {
  const last = offsets.at(-1);
  if (last === undefined) return null;
  const alike = offsets.filter((offset) => Math.abs(offset - last) <= 30);
  return alike.length >= 2 ? last : null;
}

const span = (seconds: number): string => `${Math.abs(seconds)} s ${seconds < 0 ? "earlier" : "later"}`;
