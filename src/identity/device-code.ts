/** Codes that a person reads off one screen and types into another. */
import { randomInt } from "node:crypto";

/** 31 letters and digits: none that is taken for another, I L O 0 1. */
const alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";

export const shortCode = 6;
export const longCode = 8;

/** So many letters and digits, each as likely as any other. */
export const mintCode = (length: number): string =>
  Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join("");

const form = new RegExp(`^(?:[${alphabet}]{${shortCode}}|[${alphabet}]{${longCode}})$`);

/** The code that was typed, in any case and with dashes or spaces; null when it cannot be one. */
export function foldDeviceCode(typed: string): string | null {
  const code = typed.replace(/[\s-]/g, "").toUpperCase();
  return form.test(code) ? code : null;
}

/** `ABCD-2345`, as a long code is shown. */
export const dashed = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`;
