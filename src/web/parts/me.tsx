/** Who is signed in, for the pages that are theirs alone. */
import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { signInAgain } from "./act.ts";
import { ask, type Refused } from "./ask.ts";
import { Confirm } from "./confirm.tsx";
import { askOptions, type Options } from "./options.ts";
import { Loading, RefusedAlert } from "./page.tsx";

export interface User {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly email_verified: boolean;
  readonly name: string | null;
  readonly role: "admin" | "member";
  readonly two_factor_enabled: boolean;
  readonly created_at: string;
}

export interface Me {
  readonly user: User;
  readonly options: Options;

  /** After something about them has changed. */
  readonly reload: () => Promise<void>;
}

const MeContext = createContext<Me | null>(null);

export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("nobody is signed in here");
  return me;
}

/** Shows the page to whoever is signed in; leads everybody else to sign in, and back. */
export function SignedIn({ children }: { children: ComponentChildren }) {
  const [me, setMe] = useState<Omit<Me, "reload">>();
  const [trouble, setTrouble] = useState<Refused | null>(null);
  const load = async () => {
    const [current, options] = await Promise.all([
      ask<{ user: User }>("GET", "/auth/sessions/current"),
      askOptions(),
    ]);
    if (!current.ok && current.status === 401) await signInAgain(null);
    if (!current.ok) return setTrouble(current);
    if (!options.ok) return setTrouble(options);
    setMe({ user: current.body.user, options: options.body });
  };
  useEffect(() => void load(), []);
  if (trouble) return <RefusedAlert refused={trouble} />;
  if (!me) return <Loading />;
  return (
    <MeContext.Provider value={{ ...me, reload: load }}>
      {children}
      <Confirm user={me.user} />
    </MeContext.Provider>
  );
}

/** What the house has at `path`, asked for once and whenever `reload` is called. */
export function useAsked<Body>(path: string): {
  readonly body: Body | undefined;
  readonly refused: Refused | null;
  readonly reload: () => Promise<void>;
} {
  const [body, setBody] = useState<Body>();
  const [refused, setRefused] = useState<Refused | null>(null);
  const asking = useRef(0);
  const reload = async () => {
    const mine = ++asking.current;
    const answer = await ask<Body>("GET", path);
    // Another question was asked meanwhile: this answer is to one that nobody asks any more.
    if (mine !== asking.current) return;
    if (!answer.ok && answer.status === 401) await signInAgain("UNAUTHENTICATED");
    if (answer.ok) setBody(answer.body);
    setRefused(answer.ok ? null : answer);
  };
  useEffect(() => void reload(), [path]);
  return { body, refused, reload };
}
