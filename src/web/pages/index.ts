import { type Answer, ask } from "../parts/ask.ts";
import { anyElement, element, reloadWhenRevived, say } from "../parts/element.ts";
import { type Session, sessionRow } from "../parts/session-row.ts";

interface Current {
  readonly user: { readonly username: string; readonly name: string | null; readonly role: string };
}

const endOthers = element("end-others", HTMLButtonElement);
const signOut = element("sign-out", HTMLButtonElement);
let others: readonly Session[] = [];

/** What went wrong, in words; a session that has ended leads to the sign-in page. True when nothing did. */
function went(answer: Answer<unknown>): boolean {
  if (!answer.ok && answer.status === 401) location.replace("/login?error=UNAUTHENTICATED");
  say(anyElement("trouble"), answer.ok ? null : answer.message);
  return answer.ok;
}

async function begin(): Promise<void> {
  const current = await ask<Current>("GET", "/auth/sessions/current");
  if (!current.ok && current.status === 401) return location.replace("/login");
  if (!went(current) || !current.ok) return;
  const { username, name, role } = current.body.user;
  anyElement("who").textContent = name ?? username;
  anyElement("username").textContent = name === null ? "" : username;
  anyElement("role").textContent = role;
  anyElement("person").hidden = false;
  await listSessions();
}

async function listSessions(): Promise<void> {
  const answer = await ask<Session[]>("GET", "/auth/sessions");
  if (!went(answer) || !answer.ok) return;
  const newestFirst = answer.body.sort((a, b) => b.last_seen_at.localeCompare(a.last_seen_at));
  const current = newestFirst.filter((session) => session.current);
  others = newestFirst.filter((session) => !session.current);
  const now = new Date();
  anyElement("list").replaceChildren(
    ...[...current, ...others].map((session) =>
      sessionRow(session, { now, end: (button) => void end([session], button) }),
    ),
  );
  endOthers.hidden = others.length < 2;
  anyElement("sessions").hidden = false;
}

/** One by one; a session that is gone already is what was wanted. */
async function end(sessions: readonly Session[], button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  for (const { id } of sessions) {
    const answer = await ask("DELETE", `/auth/sessions/${encodeURIComponent(id)}`);
    const gone = !answer.ok && answer.status === 404;
    if (!gone && !went(answer)) {
      button.disabled = false;
      return;
    }
  }
  await listSessions();
  button.disabled = false;
  anyElement("news").textContent = sessions.length === 1 ? "Session ended." : "All other sessions ended.";
  // The button that had the focus is gone.
  anyElement("sessions-title").focus();
}

async function leave(): Promise<void> {
  signOut.disabled = true;
  const answer = await ask("DELETE", "/auth/sessions/current");
  if (answer.ok || answer.status === 401) return location.replace("/login");
  signOut.disabled = false;
  went(answer);
}

endOthers.addEventListener("click", () => void end(others, endOthers));
signOut.addEventListener("click", () => void leave());
reloadWhenRevived();
void begin();
