import { useEffect, useState } from "preact/hooks";
import { signInAgain } from "../parts/act.ts";
import { ask, type Refused } from "../parts/ask.ts";
import type { Entries, Entry } from "../parts/audit-entry.ts";
import { useMe } from "../parts/me.tsx";
import { Do, RefusedAlert, Section } from "../parts/page.tsx";
import { When } from "../parts/when.tsx";
import { account } from "../words/account.ts";
import { audit, events, history } from "../words/audit.ts";
import { networkOf } from "./network.ts";

export function History() {
  const t = history();
  const { user } = useMe();
  const [{ events: entries, next }, setPage] = useState<Entries>({ events: [], next: null });
  const [refused, setRefused] = useState<Refused | null>(null);
  const look = async (before: string | null) => {
    const query = new URLSearchParams({ limit: "10", user_id: user.id, ...(before !== null && { before }) });
    const answer = await ask<Entries>("GET", `/auth/audit?${query}`);
    if (!answer.ok && answer.status === 401) await signInAgain("UNAUTHENTICATED");
    setRefused(answer.ok ? null : answer);
    if (answer.ok)
      setPage((now) => ({
        events: before === null ? answer.body.events : [...now.events, ...answer.body.events],
        next: answer.body.next,
      }));
  };
  useEffect(() => void look(null), []);
  // The log has what an admin did to others as well, and that is no news of their account.
  const own = entries.filter(({ user_id }) => user_id === user.id);
  return (
    <Section id="history" title={t.title} intro={t.intro}>
      <RefusedAlert refused={refused} />
      <ol class="list">
        {own.map((entry) => (
          <Line key={entry.id} entry={entry} />
        ))}
      </ol>
      {next !== null && (
        <div class="row tight">
          <Do class="quiet" act={() => look(next)}>
            {audit().older}
          </Do>
        </div>
      )}
    </Section>
  );
}

/** Their reason is the name that the person gave it. */
const named = /^passkey\.(created|deleted)$/;

function Line({ entry }: { entry: Entry }) {
  const t = history();
  const words = account();
  const methods: Readonly<Record<string, string>> = words.methods;
  const { event, at, actor_id, user_id, ip, user_agent, result, reason } = entry;
  const facts = [
    ip === null ? audit().host : `${ip} (${words[networkOf(ip)]})`,
    actor_id !== null && actor_id !== user_id ? t.byAdmin : [],
    entry.methods.length > 0 ? entry.methods.map((one) => methods[one] ?? one).join(" + ") : [],
  ];
  return (
    <li>
      <div class="what">
        <strong title={user_agent ?? ""}>{events()[event] ?? event}</strong>
        {result === "refused" && <span class="tag warn">{audit().refused}</span>}
        <p>
          <When at={at} /> · {facts.flat().join(" · ")}
        </p>
        {reason !== null && named.test(event) && (
          <p>
            <bdi>{reason}</bdi>
          </p>
        )}
      </div>
    </li>
  );
}
