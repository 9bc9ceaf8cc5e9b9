import { day } from "../parts/ago.ts";
import { admin } from "../words/admin.ts";

export interface Day {
  readonly date: string;
  readonly sign_ins: number;
  readonly failures: number;
  readonly by_method: Readonly<Record<string, number>>;
}

const width = 600;
const height = 120;

const sum = (days: readonly Day[], of: "sign_ins" | "failures") =>
  days.reduce((total, one) => total + one[of], 0);

/** Two bars a day, and the same numbers as a table for whoever cannot see them. */
export function Days({ days }: { days: readonly Day[] }) {
  const t = admin();
  const most = Math.max(1, ...days.flatMap(({ sign_ins, failures }) => [sign_ins, failures]));
  const step = width / Math.max(1, days.length);
  const bar = (count: number) => (count / most) * (height - 4);
  return (
    <figure class="chart">
      <figcaption class="label">{t.days}</figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={t.chart(sum(days, "sign_ins"), sum(days, "failures"))}
      >
        <line class="chart-floor" x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} />
        {days.map(({ date, sign_ins, failures }, index) => (
          <g key={date}>
            <title>{`${day(new Date(date))}: ${sign_ins} / ${failures}`}</title>
            <Bar class="chart-good" x={index * step + 1} width={step * 0.45} height={bar(sign_ins)} />
            <Bar class="chart-bad" x={index * step + step * 0.5} width={step * 0.4} height={bar(failures)} />
          </g>
        ))}
      </svg>
      <p class="legend">
        <span class="key good" /> {t.signIns} <span class="key bad" /> {t.failed}
      </p>
      <details>
        <summary>{t.table}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{t.day}</th>
              <th scope="col">{t.signIns}</th>
              <th scope="col">{t.failed}</th>
            </tr>
          </thead>
          <tbody>
            {days.map(({ date, sign_ins, failures }) => (
              <tr key={date}>
                <th scope="row">{day(new Date(date))}</th>
                <td>{sign_ins}</td>
                <td>{failures}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

const Bar = (props: { class: string; x: number; width: number; height: number }) => (
  <rect {...props} y={height - props.height} rx="1.5" />
);

interface SharesProps {
  readonly title: string;

  /** What and how many; those with none are left out. */
  readonly shares: readonly (readonly [string, number])[];
}

/** How a whole falls into parts, each as a bar. */
export function Shares({ title, shares }: SharesProps) {
  const shown = shares.filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  const most = Math.max(1, ...shown.map(([, count]) => count));
  return (
    <figure class="chart">
      <figcaption class="label">{title}</figcaption>
      {shown.length === 0 && <p class="soft">{admin().nothing}</p>}
      <ul class="shares">
        {shown.map(([name, count]) => (
          <li key={name}>
            <span>{name}</span>
            <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
              <rect class="chart-good" width={(count / most) * 100} height="8" rx="1" />
            </svg>
            <span>{count}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}
