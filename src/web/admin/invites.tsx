import { useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import { exactly } from "../parts/ago.ts";
import type { Refused } from "../parts/ask.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { useAsked } from "../parts/me.tsx";
import { announce } from "../parts/news.tsx";
import { Do, RefusedAlert, Section } from "../parts/page.tsx";
import { Select } from "../parts/select.tsx";
import { admin } from "../words/admin.ts";
import { house } from "../words/house.ts";
import { shell } from "../words/shell.ts";
import { SecretLink } from "./secret-link.tsx";

interface Invite {
  readonly id: string;
  readonly email: string | null;
  readonly role: "admin" | "member";
  readonly uses: number;
  readonly uses_left: number;
  readonly expires_at: string;
}

export function Invites() {
  const t = house();
  const { body, refused, reload } = useAsked<{ invites: readonly Invite[] }>("/auth/invites?limit=200");
  const [adding, setAdding] = useState(false);
  const [url, setUrl] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<Refused | null>(null);
  const list = body?.invites ?? [];
  const withdraw = async ({ id }: Invite) => {
    const answer = await act("DELETE", `/auth/invites/${encodeURIComponent(id)}`);
    const gone = answer.ok || answer.code === "NOT_FOUND";
    setTrouble(gone ? null : answer);
    await reload();
    if (gone) announce(t.withdrawn);
  };
  const made = async (link: string) => {
    setAdding(false);
    setUrl(link);
    await reload();
  };
  return (
    <Section
      id="invites"
      title={t.invites}
      intro={t.invitesIntro}
      beside={
        <button type="button" class="small" onClick={() => setAdding(true)}>
          {t.newInvite}
        </button>
      }
    >
      <RefusedAlert refused={trouble ?? refused} />
      {url && (
        <SecretLink label={t.inviteLink} intro={t.inviteLinkIntro} url={url} close={() => setUrl(null)} />
      )}
      {body && list.length === 0 && <p class="soft">{t.noInvites}</p>}
      <ul class="list">
        {list.map((invite) => (
          <li key={invite.id}>
            <div class="what">
              <strong>
                <bdi>{invite.email ?? t.anybody}</bdi>
              </strong>
              {invite.role === "admin" && <span class="tag">{admin().admin}</span>}
              <p>
                {t.left(invite.uses_left, invite.uses)} · {t.ends} {exactly(new Date(invite.expires_at))}
              </p>
            </div>
            <Do
              class="quiet small"
              label={t.withdrawLabel(invite.email ?? t.anybody)}
              act={() => withdraw(invite)}
            >
              {t.withdraw}
            </Do>
          </li>
        ))}
      </ul>
      {adding && (
        <Dialog title={t.newInvite} close={() => setAdding(false)}>
          <NewInvite close={() => setAdding(false)} made={made} />
        </Dialog>
      )}
    </Section>
  );
}

function NewInvite({ close, made }: { close: () => void; made: (url: string) => Promise<void> }) {
  const t = house();
  const check = ({ uses = "" }: Values): Record<string, string> =>
    /^([1-9]\d{0,2}|1000)$/.test(uses) ? {} : { uses: t.usesWrong };
  const send = async ({ email, role, uses }: Values) => {
    const answer = await act<{ url: string }>("POST", "/auth/invites", {
      email: email || null,
      role,
      uses: Number(uses),
    });
    if (!answer.ok) return answer;
    await made(answer.body.url);
    return null;
  };
  return (
    <Form send={send} check={check} retry="email">
      <Field
        name="email"
        first
        optional
        type="email"
        label={t.forAddress}
        maxLength={254}
        autocomplete="off"
      />
      <Select
        name="role"
        label={admin().role}
        options={[
          ["member", admin().member],
          ["admin", admin().admin],
        ]}
      />
      <Field
        name="uses"
        label={t.uses}
        defaultValue="1"
        inputMode="numeric"
        maxLength={4}
        autocomplete="off"
      />
      <div class="row end">
        <button type="button" class="quiet" onClick={close}>
          {shell().cancel}
        </button>
        <Submit>{t.newInvite}</Submit>
      </div>
    </Form>
  );
}
