/**
 * What is remembered, made small: of a text that many sessions have in common only one copy is kept, and the bytes that
 * the rest takes are known, because what may be remembered is bounded by them.
 */
import type { OwnedKey } from "../identity/api-key.ts";
import type { Caller } from "../identity/session.ts";
import type { User } from "../identity/user.ts";

/** Strangers choose what a client is called, so the copies are bounded, too. */
const mostTexts = 512;
const texts = new Map<string, string>();

function shared<Text extends string>(text: Text): Text {
  const known = texts.get(text);
  if (known !== undefined) return known as Text;
  if (texts.size >= mostTexts) texts.clear();
  texts.set(text, text);
  return text;
}

const sharedOrNull = (text: string | null): string | null => text && shared(text);

const slimUser = (user: User): User => ({ ...user, role: shared(user.role) });

export const slimCaller = ({ session, user }: Caller): Caller => ({
  session: {
    ...session,
    userId: user.id,
    kind: shared(session.kind),
    device: sharedOrNull(session.device),
    ip: shared(session.ip),
    userAgent: sharedOrNull(session.userAgent),
    methods: session.methods.map(shared),
  },
  user: slimUser(user),
});

export const slimKey = ({ key, user }: OwnedKey): OwnedKey => ({
  key: { ...key, userId: user.id, scopes: key.scopes.map(shared) },
  user: slimUser(user),
});

/** Objects, dates, and places in the tables of one remembered session, with the text of its answer. */
const frameBytes = 1600;

export const bytesOf = ({ user }: { readonly user: User }): number =>
  frameBytes + 2 * (user.username.length + (user.email?.length ?? 0) + (user.name?.length ?? 0));
