import { Lines } from "../parts/lines.tsx";
import { setup } from "../words/setup.ts";
import type { Finding, Told } from "./address.ts";
import { mends } from "./mends.ts";

interface FindingsProps {
  readonly findings: readonly Finding[];
  readonly here: string;
  readonly told: Told;
}

/** Both addresses beside each other, and what to do about each thing that is wrong. */
export function Findings({ findings, here, told }: FindingsProps) {
  const t = setup();
  const house = told.url_is_set ? told.url : told.seen.origin;
  return (
    <>
      <dl class="facts">
        <div>
          <dt>{t.browserAt}</dt>
          <dd>{here}</dd>
        </div>
        <div>
          <dt>{t.houseAt}</dt>
          <dd>{told.url_is_set ? told.url : t.undecided}</dd>
        </div>
      </dl>
      {findings.map((finding) => {
        const { title, text } = t.troubles[finding](here, house);
        return (
          <section key={finding} class="trouble">
            <h2>{title}</h2>
            <p>{text}</p>
            {mends(finding, here, told).map((mend) => (
              <Lines key={mend.label} {...mend} />
            ))}
          </section>
        );
      })}
    </>
  );
}
