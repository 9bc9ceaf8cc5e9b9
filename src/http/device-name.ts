import Bowser from "bowser";

/** A client in words: "Chrome on macOS", "curl"; null when it does not say. Never longer than 80 characters. */
export function deviceName(userAgent: string | null): string | null {
  if (userAgent === null || userAgent.trim() === "") return null;
  const { browser, os } = Bowser.parse(userAgent);
  if (browser.name && os.name) return `${browser.name} on ${os.name}`.slice(0, 80);
  // Programs name themselves first: "curl/8.5.0", "housekey/0.1.0 (linux)".
  const [, program] = /^([A-Za-z][\w. -]{0,39})(?:\/|$)/.exec(userAgent) ?? [];
  return browser.name || program || os.name || null;
}
