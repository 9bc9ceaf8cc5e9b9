import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, type Refused } from "../parts/ask.ts";
import { askOptions, type Options } from "../parts/options.ts";
import { Loading } from "../parts/page.tsx";
import { takeToken } from "../parts/token.ts";
import { DeadLink, noToken } from "./dead-link.tsx";

export interface Link<Info> {
  readonly token: string;
  readonly info: Info;
  readonly options: Options;
}

/** Kept in memory alone, and read before anything else runs. */
const given = takeToken();

interface LinkedProps<Info> {
  /** Answers what the link is good for. */
  readonly path: string;

  readonly page: (link: Link<Info>) => ComponentChildren;
}

/** A page behind a link with a token: shown when the token is a good one. */
export function Linked<Info>({ path, page }: LinkedProps<Info>) {
  const [token, setToken] = useState(given);
  const [link, setLink] = useState<Link<Info>>();
  const [refused, setRefused] = useState<Refused | null>(null);
  useEffect(() => {
    // Another link, opened where this page already is, changes the fragment and loads nothing.
    const reopened = () => setToken((before) => takeToken() ?? before);
    addEventListener("hashchange", reopened);
    return () => removeEventListener("hashchange", reopened);
  }, []);
  useEffect(() => {
    const open = async (whole: string) => {
      const [info, options] = await Promise.all([ask<Info>("POST", path, { token: whole }), askOptions()]);
      if (!info.ok) return setRefused(info);
      if (!options.ok) return setRefused(options);
      setRefused(null);
      setLink({ token: whole, info: info.body, options: options.body });
    };
    if (token === null) setRefused(noToken);
    else void open(token);
  }, [token]);
  if (refused) return <DeadLink refused={refused} />;
  return link ? page(link) : <Loading />;
}

/** After a sign-in by a link. */
export const enter = (): void => location.replace("/account");
