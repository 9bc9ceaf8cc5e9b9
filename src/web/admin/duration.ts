/** Spans of time as people write them: `15m`, `24h`, `30d`. */
const units = { d: 86_400, h: 3600, m: 60, s: 1 } as const;

const [least, most] = [60, 10 * 365 * 86_400];

/** In the largest unit that divides it. */
export function durationText(seconds: number): string {
  const [unit, length] = Object.entries(units).find(([, length]) => seconds % length === 0) ?? ["s", 1];
  return `${seconds / length}${unit}`;
}

/** In seconds; null for what is none, or too short or too long for the house. */
export function durationOf(text: string): number | null {
  const [, count, unit] = /^(\d{1,9})\s*([dhms])$/i.exec(text.trim()) ?? [];
  if (count === undefined || unit === undefined) return null;
  const seconds = Number(count) * units[unit.toLowerCase() as keyof typeof units];
  return seconds >= least && seconds <= most ? seconds : null;
}
