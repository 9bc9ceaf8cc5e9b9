import { useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import { Dialog, Sure } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { useAsked } from "../parts/me.tsx";
import { announce } from "../parts/news.tsx";
import { RefusedAlert, Section } from "../parts/page.tsx";
import { canUsePasskeys, makePasskey } from "../parts/passkey.ts";
import { When } from "../parts/when.tsx";
import { passkeys } from "../words/factors.ts";
import { shell } from "../words/shell.ts";

export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly backed_up: boolean;
}

const pathOf = ({ id }: Passkey): string => `/api/v1/auth/passkey/${encodeURIComponent(id)}`;

/** A changed factor ends the person's other sessions: `changed` is called, so that they are listed anew. */
export function Passkeys({ changed: factorChanged }: { changed: () => void }) {
  const t = passkeys();
  const { body, refused, reload } = useAsked<{ passkeys: readonly Passkey[] }>("/api/v1/auth/passkey/list");
  const [adding, setAdding] = useState(false);
  const [renaming, setRenaming] = useState<Passkey | null>(null);
  const list = body?.passkeys ?? [];
  const changed = async (words: string) => {
    setAdding(false);
    setRenaming(null);
    await reload();
    factorChanged();
    announce(words);
  };
  return (
    <Section
      id="passkeys"
      title={t.title}
      intro={t.intro}
      beside={
        canUsePasskeys() && (
          <button type="button" class="small" onClick={() => setAdding(true)}>
            {t.add}
          </button>
        )
      }
    >
      {!canUsePasskeys() && <p class="callout">{t.insecure}</p>}
      <RefusedAlert refused={refused} />
      {body && list.length === 0 && <p class="soft">{t.none}</p>}
      <ul class="list">
        {list.map((passkey) => (
          <Row
            key={passkey.id}
            passkey={passkey}
            rename={() => setRenaming(passkey)}
            removed={() => changed(t.removed)}
          />
        ))}
      </ul>
      {adding && <Add close={() => setAdding(false)} added={() => changed(t.added)} />}
      {renaming && (
        <Rename passkey={renaming} close={() => setRenaming(null)} renamed={() => changed(t.renamed)} />
      )}
    </Section>
  );
}

interface RowProps {
  readonly passkey: Passkey;
  readonly rename: () => void;
  readonly removed: () => Promise<void>;
}

function Row({ passkey, rename, removed }: RowProps) {
  const t = passkeys();
  const { name, created_at, last_used_at, backed_up } = passkey;
  const remove = async () => {
    const answer = await act("DELETE", pathOf(passkey));
    if (!answer.ok) return answer;
    await removed();
    return null;
  };
  return (
    <li>
      <div class="what">
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <span class={backed_up ? "tag good" : "tag"} title={backed_up ? t.syncedHint : t.boundHint}>
          {backed_up ? t.synced : t.bound}
        </span>
        <p>
          {t.made} <When at={created_at} /> ·{" "}
          {last_used_at === null ? (
            t.neverUsed
          ) : (
            <>
              {t.used} <When at={last_used_at} />
            </>
          )}
        </p>
      </div>
      <div class="row tight">
        <button type="button" class="quiet small" aria-label={t.renameLabel(name)} onClick={rename}>
          {t.rename}
        </button>
        <Sure
          button={t.remove}
          label={t.removeLabel(name)}
          class="quiet danger small"
          title={<bdi>{t.removeTitle(name)}</bdi>}
          yes={t.remove}
          act={remove}
        >
          <p>{t.removeText}</p>
        </Sure>
      </div>
    </li>
  );
}

function Add({ close, added }: { close: () => void; added: () => Promise<void> }) {
  const t = passkeys();
  const send = async ({ name = "" }: Values) => {
    const path = "/auth/passkeys/register";
    const options = await act<Parameters<typeof makePasskey>[0]>("POST", `${path}/options`);
    if (!options.ok) return options;
    const made = await makePasskey(options.body, (response) =>
      act("POST", `${path}/verify`, { ...response, name }),
    );
    if (!made.ok) return made;
    await added();
    return null;
  };
  return (
    <Dialog title={t.add} close={close}>
      <NameForm value="" send={send} close={close} yes={t.goOn} />
    </Dialog>
  );
}

function Rename(props: { passkey: Passkey; close: () => void; renamed: () => Promise<void> }) {
  const t = passkeys();
  const { passkey, close, renamed } = props;
  const send = async ({ name = "" }: Values) => {
    const answer = await act("PATCH", pathOf(passkey), { name });
    if (!answer.ok) return answer;
    await renamed();
    return null;
  };
  return (
    <Dialog title={<bdi>{t.renameLabel(passkey.name)}</bdi>} close={close}>
      <NameForm value={passkey.name} send={send} close={close} yes={shell().save} />
    </Dialog>
  );
}

interface NameFormProps {
  readonly value: string;
  readonly send: Parameters<typeof Form>[0]["send"];
  readonly close: () => void;
  readonly yes: string;
}

function NameForm({ value, send, close, yes }: NameFormProps) {
  const t = passkeys();
  return (
    <Form send={send} retry="name">
      <Field
        name="name"
        first
        label={t.name}
        hint={t.nameHint}
        missing={t.nameMissing}
        defaultValue={value}
        maxLength={64}
        autocomplete="off"
        autoCapitalize="sentences"
      />
      <div class="row end">
        <button type="button" class="quiet" onClick={close}>
          {shell().cancel}
        </button>
        <Submit>{yes}</Submit>
      </div>
    </Form>
  );
}
