import { useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import { day } from "../parts/ago.ts";
import { Dialog, Sure } from "../parts/dialog.tsx";
import { Lines } from "../parts/lines.tsx";
import { useAsked } from "../parts/me.tsx";
import { announce } from "../parts/news.tsx";
import { RefusedAlert, Section } from "../parts/page.tsx";
import { When } from "../parts/when.tsx";
import { keys } from "../words/keys.ts";
import { NewKey } from "./new-key.tsx";

interface Key {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[];

  /** In seconds since 1970. */
  readonly expires_at: number | null;

  readonly created_at: string;
  readonly last_used_at: string | null;
}

export function ApiKeys() {
  const t = keys();
  const { body, refused, reload } = useAsked<{ data: readonly Key[] }>("/v1/auth/api-keys");
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const list = body?.data ?? [];
  const remove = async ({ id }: Key) => {
    const answer = await act("DELETE", `/v1/auth/api-keys/${encodeURIComponent(id)}`);
    if (!answer.ok) return answer;
    await reload();
    announce(t.removed);
    return null;
  };
  return (
    <Section
      id="keys"
      title={t.title}
      intro={t.intro}
      beside={
        <button type="button" class="small" onClick={() => setAdding(true)}>
          {t.add}
        </button>
      }
    >
      <RefusedAlert refused={refused} />
      {made && (
        <div class="callout good">
          <h3>{t.newTitle}</h3>
          <p>{t.newIntro}</p>
          <Lines label={t.key} text={made} />
          <div class="row tight">
            <button type="button" onClick={() => setMade(null)}>
              {t.done}
            </button>
          </div>
        </div>
      )}
      {body && list.length === 0 && !made && <p class="soft">{t.none}</p>}
      <ul class="list">
        {list.map((key) => (
          <li key={key.id}>
            <div class="what">
              <strong>
                <bdi>{key.name}</bdi>
              </strong>
              <p>
                <code>{key.prefix}…</code> · {key.scopes.join(" ")}
              </p>
              <Life apiKey={key} />
            </div>
            <Sure
              button={t.remove}
              label={t.removeLabel(key.name)}
              class="quiet danger small"
              title={<bdi>{t.removeTitle(key.name)}</bdi>}
              yes={t.remove}
              act={() => remove(key)}
            >
              <p>{t.removeText}</p>
            </Sure>
          </li>
        ))}
      </ul>
      {adding && (
        <Dialog title={t.add} close={() => setAdding(false)}>
          <NewKey
            close={() => setAdding(false)}
            made={async (key) => {
              setAdding(false);
              setMade(key);
              await reload();
            }}
          />
        </Dialog>
      )}
    </Section>
  );
}

function Life({ apiKey: { created_at, last_used_at, expires_at } }: { apiKey: Key }) {
  const t = keys();
  const end = expires_at === null ? null : new Date(expires_at * 1000);
  return (
    <p>
      {t.made} <When at={created_at} /> · {last_used_at === null ? t.neverUsed : t.used}{" "}
      {last_used_at && <When at={last_used_at} />}
      {end && ` · ${end < new Date() ? t.ended : t.ends(day(end))}`}
    </p>
  );
}
