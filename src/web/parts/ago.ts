import { catalogue, language } from "./language.ts";

const words = catalogue({ en: { now: "just now" }, de: { now: "gerade eben" } });

const units = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/** "5 minutes ago". Two clocks are at work, so the near future is now, too. */
export function ago(then: Date, now: Date): string {
  const relative = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  const seconds = (now.getTime() - then.getTime()) / 1000;
  for (const [unit, length] of units)
    if (seconds >= length) return relative.format(-Math.floor(seconds / length), unit);
  return words().now;
}

/** "24 November 2026, 21:58". */
export const exactly = (then: Date): string =>
  then.toLocaleString(language(), { dateStyle: "long", timeStyle: "short" });

/** "24 November 2026". */
export const day = (then: Date): string => then.toLocaleDateString(language(), { dateStyle: "long" });

/** "21:58". */
export const clock = (then: Date): string => then.toLocaleTimeString(language(), { timeStyle: "short" });
