/** `value` as a line of JSON for machines, or `text` for people. */
export function print(json: boolean, value: unknown, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : text}\n`);
}

/** Columns under their headings, as wide as what is in them. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => {
    let width = 0;
    for (const row of all) width = Math.max(width, row[column]?.length ?? 0);
    return width;
  });
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** "9 kB", "1.4 MB" */
export const inBytes = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

/** "3 accounts" */
export function accounts({ users = 0 }: Readonly<Record<string, number>>): string {
  return `${users} ${users === 1 ? "account" : "accounts"}`;
}
