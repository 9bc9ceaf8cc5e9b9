const units = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** "5 minutes ago". Two clocks are at work, so the near future is now, too. */
export function ago(then: Date, now: Date): string {
  const seconds = (now.getTime() - then.getTime()) / 1000;
  for (const [unit, length] of units)
    if (seconds >= length) return words.format(-Math.floor(seconds / length), unit);
  return "just now";
}
