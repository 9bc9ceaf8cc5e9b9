import { useState } from "preact/hooks";
import { ask } from "../parts/ask.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { Form, Submit } from "../parts/form.tsx";
import { type User, useAsked } from "../parts/me.tsx";
import { Do, RefusedAlert, Section } from "../parts/page.tsx";
import { admin } from "../words/admin.ts";
import { ManageUser } from "./manage-user.tsx";
import { NewUser } from "./new-user.tsx";
import { SecretLink } from "./secret-link.tsx";

export interface ManagedUser extends User {
  readonly disabled: boolean;
}

interface Page {
  readonly users: readonly ManagedUser[];
  readonly next: string | null;
}

/** A link for somebody, shown until it is put away. */
export interface LinkFor {
  readonly name: string;
  readonly url: string;
}

const path = (q: string, cursor: string | null) => {
  const query = new URLSearchParams({ limit: "25" });
  if (q !== "") query.set("q", q);
  if (cursor !== null) query.set("cursor", cursor);
  return `/auth/users?${query}`;
};

export function Users() {
  const t = admin();
  const [q, setQ] = useState("");
  const { body, refused, reload } = useAsked<Page>(path(q, null));
  const [further, setFurther] = useState<Page | null>(null);
  const [adding, setAdding] = useState(false);
  const [managed, setManaged] = useState<ManagedUser | null>(null);
  const [link, setLink] = useState<LinkFor | null>(null);
  const users = [...(body?.users ?? []), ...(further?.users ?? [])];
  const next = further ? further.next : (body?.next ?? null);

  const more = async () => {
    const answer = await ask<Page>("GET", path(q, next));
    if (answer.ok)
      setFurther({ users: [...(further?.users ?? []), ...answer.body.users], next: answer.body.next });
  };
  const changed = async (made: LinkFor | null) => {
    setAdding(false);
    setManaged(null);
    setFurther(null);
    if (made) setLink(made);
    await reload();
  };
  const search = async ({ q: typed = "" }: Record<string, string>) => {
    setFurther(null);
    setQ(typed);
    return null;
  };

  return (
    <Section
      id="users"
      title={t.users}
      beside={
        <button type="button" class="small" onClick={() => setAdding(true)}>
          {t.newUser}
        </button>
      }
    >
      <RefusedAlert refused={refused} />
      {link && (
        <SecretLink
          label={t.linkFor(link.name)}
          intro={t.linkIntro}
          url={link.url}
          close={() => setLink(null)}
        />
      )}
      <Form send={search}>
        <Field
          name="q"
          type="search"
          label={t.search}
          maxLength={200}
          autocomplete="off"
          beside={<Submit class="quiet">{t.find}</Submit>}
        />
      </Form>
      <ul class="list">
        {users.map((user) => (
          <Row key={user.id} user={user} manage={() => setManaged(user)} />
        ))}
      </ul>
      {body && users.length === 0 && <p class="soft">{t.nothing}</p>}
      {next !== null && (
        <div class="row tight">
          <Do class="quiet" act={more}>
            {t.more}
          </Do>
        </div>
      )}
      {adding && (
        <Dialog title={t.newUser} close={() => setAdding(false)}>
          <NewUser close={() => setAdding(false)} made={changed} />
        </Dialog>
      )}
      {managed && <ManageUser user={managed} close={() => setManaged(null)} changed={changed} />}
    </Section>
  );
}

function Row({ user, manage }: { user: ManagedUser; manage: () => void }) {
  const t = admin();
  return (
    <li>
      <div class="what">
        <strong>
          <bdi>{user.name || user.username}</bdi>
        </strong>
        {user.role === "admin" && <span class="tag">{t.admin}</span>}
        {user.two_factor_enabled && <span class="tag good">{t.twoFactor}</span>}
        {user.disabled && <span class="tag warn">{t.disabled}</span>}
        <p>
          <bdi>{user.username}</bdi>
          {user.email !== null && (
            <>
              {" · "}
              <bdi>{user.email}</bdi>
            </>
          )}
        </p>
      </div>
      <button type="button" class="quiet small" aria-label={t.manageLabel(user.username)} onClick={manage}>
        {t.manage}
      </button>
    </li>
  );
}
