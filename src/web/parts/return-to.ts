const controls = /\p{Cc}/u;

/**
 * Where to go after signing in: `asked` if it is a path of this house, else the account. Browsers read a
 * backslash as a slash and leave out tabs and line breaks, so none of them may be in the way of the second character.
 */
export function ownPath(asked: string | null): string {
  if (asked === null || !/^\/(?![/\\])/.test(asked) || controls.test(asked)) return "/account";
  return asked;
}
