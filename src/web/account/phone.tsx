import { useEffect, useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import { ask, type Refused } from "../parts/ask.ts";
import { Do, RefusedAlert, Section } from "../parts/page.tsx";
import { Qr } from "../parts/qr.tsx";
import { phone } from "../words/phone.ts";
import { shell } from "../words/shell.ts";

interface Created {
  readonly code: string;
  readonly token: string;
}

type State = "pending" | "authorized" | "claimed" | "expired";

const path = "/api/auth/device";
const everyMs = 3000;

export function Phone({ linked }: { linked: () => void }) {
  const t = phone();
  const [created, setCreated] = useState<Created | null>(null);
  const [ended, setEnded] = useState<State | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);

  const begin = async () => {
    setEnded(null);
    const made = await act<Created>("POST", `${path}/create`, { clientType: "mobile" });
    if (!made.ok) return setRefused(made);
    const approved = await act("POST", `${path}/authorize`, { code: made.body.code });
    setRefused(approved.ok ? null : approved);
    if (approved.ok) setCreated(made.body);
  };
  useEffect(() => {
    if (!created) return;
    const timer = setInterval(async () => {
      const answer = await ask<{ status: State }>("POST", `${path}/link/status`, { code: created.code });
      const state = answer.ok ? answer.body.status : "expired";
      if (state !== "claimed" && state !== "expired") return;
      setCreated(null);
      setEnded(state);
      if (state === "claimed") linked();
    }, everyMs);
    return () => clearInterval(timer);
  }, [created]);
  return (
    <Section id="phone" title={t.title} intro={t.intro}>
      <RefusedAlert refused={refused} />
      <p role="status" class="soft" hidden={!ended && !created}>
        {ended === "claimed" || ended === "expired" ? t[ended] : t.waiting}
      </p>
      {created && (
        <>
          <Qr text={linkOf(created)} label={t.qr} />
          <p class="callout">{t.warning}</p>
        </>
      )}
      <div class="row tight">
        {created ? (
          <button type="button" class="quiet" onClick={() => setCreated(null)}>
            {shell().close}
          </button>
        ) : (
          <Do class="quiet" act={begin}>
            {t.begin}
          </Do>
        )}
      </div>
    </Section>
  );
}

/** What the phone reads; it is drawn, and stands in no text of the page. */
const linkOf = ({ token }: Created): string =>
  `housekey://link?server=${encodeURIComponent(location.origin)}&token=${encodeURIComponent(token)}`;
