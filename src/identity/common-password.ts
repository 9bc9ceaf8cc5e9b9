/** The most used passwords. Loaded with the first new password: most starts see none. */
import { embedCommonPasswords } from "./common-password.macro.ts" with { type: "macro" };

const list = `\n${embedCommonPasswords()}\n`;

/** `folded` is in lower case. Searched as it lies, a tenth of a millisecond beside a hash: a set of it would take megabytes. */
export const isCommon = (folded: string): boolean => !folded.includes("\n") && list.includes(`\n${folded}\n`);
