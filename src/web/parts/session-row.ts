import { ago } from "./ago.ts";
import { make } from "./element.ts";

export interface Session {
  readonly id: string;
  readonly ip: string | null;
  /** The client in words, when it said what it is. */
  readonly device: string | null;

  readonly user_agent: string | null;
  readonly created_at: string;
  readonly last_seen_at: string;
  readonly current: boolean;
}

interface RowAffairs {
  readonly now: Date;
  end(button: HTMLButtonElement): void;
}

/** One line of the list of sessions. This session's own has no button: that is what signing out is for. */
export function sessionRow(session: Session, { now, end }: RowAffairs): HTMLLIElement {
  const name = session.device ?? "Unknown device";
  const title = make("strong", name);
  title.title = session.user_agent ?? "";
  const facts = make("div", "");
  facts.append(title, when(session, now));

  const row = make("li", "");
  row.append(facts);
  if (session.current) {
    title.after(make("span", "This browser", "tag"));
    return row;
  }
  const button = make("button", "End", "quiet");
  button.type = "button";
  button.setAttribute("aria-label", `End the session ${name}, ${session.ip ?? "address unknown"}`);
  button.addEventListener("click", () => end(button));
  row.append(button);
  return row;
}

function when({ ip, created_at, last_seen_at }: Session, now: Date): HTMLParagraphElement {
  const line = make("p", ip === null ? "" : `${ip} · `, "soft");
  line.append("active ", time(last_seen_at, now), " · signed in ", time(created_at, now));
  return line;
}

function time(iso: string, now: Date): HTMLTimeElement {
  const date = new Date(iso);
  const made = make("time", ago(date, now));
  made.dateTime = iso;
  made.title = date.toLocaleString();
  return made;
}
