import { useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import type { Refused } from "../parts/ask.ts";
import { Sure } from "../parts/dialog.tsx";
import { useAsked } from "../parts/me.tsx";
import { announce } from "../parts/news.tsx";
import { Do, RefusedAlert, Section } from "../parts/page.tsx";
import { When } from "../parts/when.tsx";
import { account } from "../words/account.ts";
import { networkOf } from "./network.ts";

export interface Session {
  readonly id: string;
  readonly kind: keyof ReturnType<typeof account>["kinds"];

  /** The client in words, when it said what it is. */
  readonly device: string | null;

  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly created_at: string;
  readonly last_seen_at: string;
  readonly current: boolean;
  readonly methods: readonly (keyof ReturnType<typeof account>["methods"])[];
}

export function Sessions() {
  const t = account();
  const { body = [], refused, reload } = useAsked<readonly Session[]>("/auth/sessions");
  const [trouble, setTrouble] = useState<Refused | null>(null);
  const newestFirst = [...body].sort((a, b) => b.last_seen_at.localeCompare(a.last_seen_at));
  const sorted = [
    ...newestFirst.filter(({ current }) => current),
    ...newestFirst.filter(({ current }) => !current),
  ];

  const end = async ({ id }: Session) => {
    const answer = await act("DELETE", `/auth/sessions/${encodeURIComponent(id)}`);
    // One that is gone already is what was wanted.
    const gone = answer.ok || answer.code === "NOT_FOUND";
    setTrouble(gone ? null : answer);
    await reload();
    if (gone) announce(t.ended);
  };
  const endOthers = async () => {
    const answer = await act<{ revoked: number }>("DELETE", "/api/v1/auth/sessions");
    if (!answer.ok) return answer;
    await reload();
    announce(t.othersEnded(answer.body.revoked));
    return null;
  };

  return (
    <Section
      id="sessions"
      title={t.sessions}
      intro={t.sessionsIntro}
      beside={
        body.length > 1 && (
          <Sure
            button={t.endOthers}
            class="quiet small"
            title={t.endOthersTitle}
            yes={t.endOthers}
            act={endOthers}
          >
            <p>{t.endOthersText}</p>
          </Sure>
        )
      }
    >
      <RefusedAlert refused={trouble ?? refused} />
      <ul class="list">
        {sorted.map((session) => (
          <Row key={session.id} session={session} end={() => end(session)} />
        ))}
      </ul>
    </Section>
  );
}

/** This session's own has no button: that is what signing out is for. */
function Row({ session, end }: { session: Session; end: () => Promise<void> }) {
  const t = account();
  const { kind, device, ip, user_agent, created_at, last_seen_at, current, methods } = session;
  const name = device ?? t.unknownDevice;
  const network = t[networkOf(ip)];
  const place = ip === null ? network : `${ip} (${network})`;
  return (
    <li>
      <div class="what">
        <strong title={user_agent ?? ""}>
          <bdi>{name}</bdi>
        </strong>
        {current && <span class="tag good">{t.thisBrowser}</span>}
        {kind !== "web" && <span class="tag">{t.kinds[kind]}</span>}
        <p>
          {place} · {t.active} <When at={last_seen_at} />
        </p>
        <p>
          {t.signedIn} <When at={created_at} /> {t.by}{" "}
          {methods.map((method) => t.methods[method]).join(" + ")}
        </p>
      </div>
      {!current && (
        <Do class="quiet small" label={t.endLabel(name, ip ?? t.nowhere)} act={end}>
          {t.end}
        </Do>
      )}
    </li>
  );
}
