import { useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import type { Refused } from "../parts/ask.ts";
import { Sure } from "../parts/dialog.tsx";
import { useAsked, useMe } from "../parts/me.tsx";
import { announce } from "../parts/news.tsx";
import { Do, RefusedAlert, Section } from "../parts/page.tsx";
import { When } from "../parts/when.tsx";
import { identities } from "../words/phone.ts";

interface Identity {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly email: string | null;
  readonly last_used_at: string | null;
}

export function Identities({ changed }: { changed: () => void }) {
  const t = identities();
  const { options } = useMe();
  const { body = [], refused, reload } = useAsked<readonly Identity[]>("/auth/identities");
  const [trouble, setTrouble] = useState<Refused | null>(null);
  const link = async () => {
    const answer = await act<{ url: string }>("POST", "/auth/oidc/link", { return_to: "/account" });
    if (!answer.ok) return setTrouble(answer);
    location.assign(answer.body.url);
  };
  const unlink = async ({ id }: Identity) => {
    const answer = await act("DELETE", `/auth/identities/${encodeURIComponent(id)}`);
    if (!answer.ok) return answer;
    await reload();
    changed();
    announce(t.unlinked);
    return null;
  };
  if (!options.oidc && body.length === 0) return null;
  return (
    <Section
      id="identities"
      title={t.title}
      intro={t.intro}
      beside={
        options.oidc && (
          <Do class="small" act={link}>
            <bdi>{t.link(options.oidc.name)}</bdi>
          </Do>
        )
      }
    >
      <RefusedAlert refused={trouble ?? refused} />
      {body.length === 0 && <p class="soft">{t.none}</p>}
      <ul class="list">
        {body.map((identity) => (
          <li key={identity.id}>
            <div class="what">
              <strong>
                <bdi>{identity.name}</bdi>
              </strong>
              <p>
                <bdi>{identity.email ?? identity.issuer}</bdi> ·{" "}
                {identity.last_used_at === null ? (
                  t.neverUsed
                ) : (
                  <>
                    {t.used} <When at={identity.last_used_at} />
                  </>
                )}
              </p>
            </div>
            <Sure
              button={t.unlink}
              label={t.unlinkLabel(identity.name)}
              class="quiet danger small"
              title={<bdi>{t.unlinkTitle(identity.name)}</bdi>}
              yes={t.unlink}
              act={() => unlink(identity)}
            >
              <p>{t.unlinkText}</p>
            </Sure>
          </li>
        ))}
      </ul>
    </Section>
  );
}
