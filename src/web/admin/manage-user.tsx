import { useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import type { Refused } from "../parts/ask.ts";
import { Dialog, Sure } from "../parts/dialog.tsx";
import { announce } from "../parts/news.tsx";
import { Do, RefusedAlert } from "../parts/page.tsx";
import { admin } from "../words/admin.ts";
import { shell } from "../words/shell.ts";
import type { LinkFor, ManagedUser } from "./users.tsx";

interface ManageUserProps {
  readonly user: ManagedUser;
  readonly close: () => void;
  readonly changed: (link: LinkFor | null) => Promise<void>;
}

/** What an admin can do about somebody else's account; what they know and use stays theirs. */
export function ManageUser({ user, close, changed }: ManageUserProps) {
  const t = admin();
  const [refused, setRefused] = useState<Refused | null>(null);
  const path = `/auth/users/${encodeURIComponent(user.id)}`;
  const patch = async (body: object) => {
    const answer = await act("PATCH", path, body);
    if (!answer.ok) return setRefused(answer);
    await changed(null);
    announce(t.done);
  };
  const recover = async () => {
    const answer = await act<{ url: string }>("POST", `${path}/recovery`);
    if (!answer.ok) return setRefused(answer);
    await changed({ name: user.username, url: answer.body.url });
  };
  const endSessions = async () => {
    const answer = await act("POST", "/auth/sessions/revoke-all", { user_id: user.id });
    setRefused(answer.ok ? null : answer);
    if (answer.ok) announce(t.sessionsEnded);
  };
  const remove = async () => {
    const answer = await act("DELETE", path);
    if (!answer.ok) return answer;
    await changed(null);
    announce(t.done);
    return null;
  };
  return (
    <Dialog title={<bdi>{user.name || user.username}</bdi>} close={close}>
      <p class="soft">
        <bdi>{user.username}</bdi> · <bdi>{user.email ?? "–"}</bdi>
      </p>
      <RefusedAlert refused={refused} />
      <div class="stack">
        <Do class="quiet" act={recover}>
          {t.recovery}
        </Do>
        <Do class="quiet" act={endSessions}>
          {t.endSessions}
        </Do>
        <Do class="quiet" act={() => patch({ role: user.role === "admin" ? "member" : "admin" })}>
          {user.role === "admin" ? t.makeMember : t.makeAdmin}
        </Do>
        <Do class="quiet" act={() => patch({ disabled: !user.disabled })}>
          {user.disabled ? t.enable : t.disable}
        </Do>
        <Sure
          button={`${t.remove} …`}
          class="quiet danger"
          title={<bdi>{t.removeTitle(user.username)}</bdi>}
          yes={t.remove}
          act={remove}
        >
          <p>{t.removeText}</p>
        </Sure>
        <button type="button" class="quiet" onClick={close}>
          {shell().close}
        </button>
      </div>
    </Dialog>
  );
}
