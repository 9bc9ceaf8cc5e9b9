/** The code that a raw letter carries in its body. */
export const codeIn = (raw: string): string | undefined =>
  /^\d{6}\r?$/m
    .exec(
      raw
        .split(/\r?\n\r?\n/)
        .slice(1)
        .join("\n"),
    )?.[0]
    ?.trim();
