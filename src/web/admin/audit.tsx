import { useEffect, useRef, useState } from "preact/hooks";
import { signInAgain } from "../parts/act.ts";
import { ask, type Refused } from "../parts/ask.ts";
import type { Entries, Entry } from "../parts/audit-entry.ts";
import { useAsked } from "../parts/me.tsx";
import { Do, RefusedAlert, Section } from "../parts/page.tsx";
import { Select } from "../parts/select.tsx";
import { When } from "../parts/when.tsx";
import { account } from "../words/account.ts";
import { audit, events } from "../words/audit.ts";
import type { ManagedUser } from "./users.tsx";

interface Filter {
  readonly event: string;
  readonly user: string;
}

const everyMs = 5000;

const path = ({ event, user }: Filter, before: string | null) => {
  const query = new URLSearchParams({ limit: "50" });
  if (event !== "") query.set("event", event);
  if (user !== "") query.set("user_id", user);
  if (before !== null) query.set("before", before);
  return `/auth/audit?${query}`;
};

export function Audit() {
  const t = audit();
  const people = useAsked<{ users: readonly ManagedUser[] }>("/auth/users?limit=200");
  const names = new Map((people.body?.users ?? []).map(({ id, username }) => [id, username]));
  const [filter, setFilter] = useState<Filter>({ event: "", user: "" });
  const [live, setLive] = useState(false);
  const { entries, older, refused } = useEntries(filter, live);
  return (
    <Section id="audit" title={t.title} intro={t.intro}>
      <RefusedAlert refused={refused} />
      <div class="filters">
        <Select
          name="event"
          label={t.event}
          options={[["", t.everything], ...Object.entries(events())]}
          onChoose={(event) => setFilter({ ...filter, event })}
        />
        <Select
          name="user"
          label={t.person}
          options={[["", t.everybody], ...names]}
          onChoose={(user) => setFilter({ ...filter, user })}
        />
      </div>
      <label class="check">
        <input type="checkbox" checked={live} onChange={(event) => setLive(event.currentTarget.checked)} />
        <span>{t.live}</span>
      </label>
      <ol class="list" aria-live={live ? "polite" : "off"}>
        {entries.map((entry) => (
          <Line key={entry.id} entry={entry} names={names} />
        ))}
      </ol>
      {entries.length === 0 && !refused && <p class="soft">{t.nothing}</p>}
      {older && (
        <div class="row tight">
          <Do class="quiet" act={older}>
            {t.older}
          </Do>
        </div>
      )}
    </Section>
  );
}

/** The lines that the filter lets through; `older` is null at the end of the log. */
function useEntries(filter: Filter, live: boolean) {
  const [page, setPage] = useState<Entries>({ events: [], next: null });
  const [refused, setRefused] = useState<Refused | null>(null);
  const asked = useRef(filter);
  asked.current = filter;
  const look = async (before: string | null, join: (found: Entries, now: Entries) => Entries) => {
    const answer = await ask<Entries>("GET", path(filter, before));
    // The filter was changed meanwhile: these lines are not what is being looked for.
    if (asked.current !== filter) return;
    if (!answer.ok && answer.status === 401) await signInAgain("UNAUTHENTICATED");
    setRefused(answer.ok ? null : answer);
    if (answer.ok) setPage((now) => join(answer.body, now));
  };
  useEffect(() => void look(null, (found) => found), [filter]);
  useEffect(() => {
    if (!live) return;
    const timer = setInterval(() => void look(null, withNewer), everyMs);
    return () => clearInterval(timer);
  }, [live, filter]);
  const { events: entries, next } = page;
  const older =
    next === null
      ? null
      : () => look(next, (found, now) => ({ events: [...now.events, ...found.events], next: found.next }));
  return { entries, older, refused };
}

/** What was found newly, before what is shown already. */
function withNewer(found: Entries, now: Entries): Entries {
  const known = new Set(now.events.map(({ id }) => id));
  const newer = found.events.filter(({ id }) => !known.has(id));
  return newer.length === found.events.length && now.next !== null
    ? found
    : { events: [...newer, ...now.events], next: now.next };
}

function Line({ entry, names }: { entry: Entry; names: ReadonlyMap<string, string> }) {
  const t = audit();
  const methods: Readonly<Record<string, string>> = account().methods;
  const { event, at, actor_id, user_id, ip, result, reason } = entry;
  const nameOf = (id: string) => <bdi>{names.get(id) ?? id}</bdi>;
  return (
    <li>
      <div class="what">
        <strong>{events()[event] ?? event}</strong>
        {result === "refused" && <span class="tag warn">{t.refused}</span>}
        <p>
          <When at={at} /> · {user_id !== null && <>{nameOf(user_id)} · </>}
          {actor_id !== null && actor_id !== user_id && (
            <>
              {t.by} {nameOf(actor_id)} ·{" "}
            </>
          )}
          {ip ?? t.host}
          {entry.methods.length > 0 && ` · ${entry.methods.map((one) => methods[one] ?? one).join(" + ")}`}
        </p>
        {reason && (
          <p>
            <bdi>{reason}</bdi>
          </p>
        )}
      </div>
    </li>
  );
}
