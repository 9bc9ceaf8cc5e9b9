import { useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import { exactly } from "../parts/ago.ts";
import type { Refused } from "../parts/ask.ts";
import { Field } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { useAsked } from "../parts/me.tsx";
import { announce } from "../parts/news.tsx";
import { Do, RefusedAlert, Section } from "../parts/page.tsx";
import { house } from "../words/house.ts";
import { SecretLink } from "./secret-link.tsx";

interface Token {
  readonly id: string;
  readonly note: string | null;
  readonly expires_at: string;
}

const path = "/auth/bootstrap/tokens";

/** Tokens that make further admins. */
export function Tokens() {
  const t = house();
  const { body = [], refused, reload } = useAsked<readonly Token[]>(path);
  const [url, setUrl] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<Refused | null>(null);
  const send = async ({ note }: Values) => {
    const answer = await act<{ token: string }>("POST", path, { note: note || null });
    if (!answer.ok) return answer;
    setUrl(`${location.origin}/setup#token=${encodeURIComponent(answer.body.token)}`);
    await reload();
    return null;
  };
  const withdraw = async ({ id }: Token) => {
    const answer = await act("DELETE", `${path}/${encodeURIComponent(id)}`);
    const gone = answer.ok || answer.code === "NOT_FOUND";
    setTrouble(gone ? null : answer);
    await reload();
    if (gone) announce(t.withdrawn);
  };
  return (
    <Section id="tokens" title={t.tokens} intro={t.tokensIntro}>
      <RefusedAlert refused={trouble ?? refused} />
      {url && (
        <SecretLink label={t.tokenLink} intro={t.inviteLinkIntro} url={url} close={() => setUrl(null)} />
      )}
      {body.length === 0 && <p class="soft">{t.noTokens}</p>}
      <ul class="list">
        {body.map((token) => (
          <li key={token.id}>
            <div class="what">
              <strong>
                <bdi>{token.note || token.id}</bdi>
              </strong>
              <p>
                {t.ends} {exactly(new Date(token.expires_at))}
              </p>
            </div>
            <Do
              class="quiet small"
              label={t.withdrawLabel(token.note || token.id)}
              act={() => withdraw(token)}
            >
              {t.withdraw}
            </Do>
          </li>
        ))}
      </ul>
      <Form send={send}>
        <Field
          name="note"
          optional
          label={t.note}
          maxLength={200}
          autocomplete="off"
          autoCapitalize="sentences"
        />
        <div class="row tight">
          <Submit class="quiet">{t.newToken}</Submit>
        </div>
      </Form>
    </Section>
  );
}
