import { useAsked } from "../parts/me.tsx";
import { Loading, RefusedAlert, Section } from "../parts/page.tsx";
import { account } from "../words/account.ts";
import { admin } from "../words/admin.ts";
import { type Day, Days, Shares } from "./chart.tsx";

interface Stats {
  readonly active: number;
  readonly users: number;
  readonly by_kind: Readonly<Record<string, number>>;
  readonly last_24h: { readonly created: number };
}

export function Overview() {
  const t = admin();
  const { kinds, methods } = account();
  const sessions = useAsked<Stats>("/auth/sessions/stats");
  const days = useAsked<readonly Day[]>("/auth/stats?days=30");
  const failed = (days.body ?? []).reduce((total, { failures }) => total + failures, 0);
  return (
    <Section id="overview" title={t.overview}>
      <RefusedAlert refused={sessions.refused ?? days.refused} />
      {sessions.body && days.body ? (
        <>
          <dl class="facts numbers">
            <Fact name={t.active} count={sessions.body.active} />
            <Fact name={t.people} count={sessions.body.users} />
            <Fact name={t.created} count={sessions.body.last_24h.created} />
            <Fact name={t.failures} count={failed} />
          </dl>
          <Days days={days.body} />
          <Shares title={t.kinds} shares={named(sessions.body.by_kind, kinds)} />
          <Shares title={t.methods} shares={named(byMethod(days.body), methods)} />
        </>
      ) : (
        <Loading />
      )}
    </Section>
  );
}

const Fact = ({ name, count }: { name: string; count: number }) => (
  <div>
    <dt>{name}</dt>
    <dd>{count}</dd>
  </div>
);

const named = (counts: Readonly<Record<string, number>>, names: Readonly<Record<string, string>>) =>
  Object.entries(counts).map(([key, count]) => [names[key] ?? key, count] as const);

function byMethod(days: readonly Day[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { by_method } of days)
    for (const [method, count] of Object.entries(by_method)) counts[method] = (counts[method] ?? 0) + count;
  return counts;
}
