/** A Bun macro: runs while bundling, so the list travels inside the binary as one string. */
import { dictionary } from "@zxcvbn-ts/language-common";

/** The most used passwords that are long enough to pass the shortest length a house can set, one a line. */
export function embedCommonPasswords(): string {
  const list = dictionary["passwords-common"] ?? [];
  const folded = new Set(list.map((password) => String(password).normalize("NFKC").toLowerCase()));
  return [...folded].filter((password) => password.length >= 6).join("\n");
}
