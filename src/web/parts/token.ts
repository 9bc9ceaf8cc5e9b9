/** The set-up token: it comes in the fragment, which no server sees, and is kept nowhere but in memory. */

/** What the fragment carries. The link's maker escapes the token, and everything behind the name is the token. */
export function tokenOf(fragment: string): string | null {
  const [, escaped] = /^#token=(.+)$/.exec(fragment) ?? [];
  if (escaped === undefined) return null;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return escaped;
  }
}

/** What a person pasted: the token, or the whole link. */
export const tokenIn = (pasted: string): string => {
  const cut = pasted.indexOf("#token=");
  return (cut === -1 ? null : tokenOf(pasted.slice(cut))) ?? pasted;
};

/** Reads the token and takes it out of the address bar and the history in the same breath. */
export function takeToken(): string | null {
  const token = tokenOf(location.hash);
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  return token;
}
