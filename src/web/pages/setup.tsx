import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, type Refused } from "../parts/ask.ts";
import { mount } from "../parts/mount.tsx";
import { askOptions, type Options } from "../parts/options.ts";
import { Card, Loading, RefusedAlert } from "../parts/page.tsx";
import { takeToken } from "../parts/token.ts";
import { blocks, judgeAddress, type Told } from "../setup/address.ts";
import { AdminForm } from "../setup/admin-form.tsx";
import { Findings } from "../setup/findings.tsx";
import { Offer } from "../setup/offer.tsx";
import { setup } from "../words/setup.ts";
import { shell } from "../words/shell.ts";

type Step = "form" | "closed" | "ready";

/** Kept in memory alone, and read before anything else runs. */
const given = takeToken();

const goOn = (): void => location.replace("/account");

function Setup() {
  const [token, setToken] = useState(given);
  const [options, setOptions] = useState<Options & Told>();
  const [trouble, setTrouble] = useState<Refused | null>(null);
  const [step, setStep] = useState<Step>("form");
  const [anyway, setAnyway] = useState(false);

  useEffect(() => {
    void askOptions<Told>().then((answer) => {
      if (!answer.ok) return setTrouble(answer);
      setOptions(answer.body);
      if (answer.body.bootstrapped && given === null) setStep("closed");
    });
    // A set-up link opened where this page already is changes the fragment and loads nothing.
    const reopened = () => {
      const another = takeToken();
      if (another === null) return;
      setToken(another);
      setStep("form");
    };
    addEventListener("hashchange", reopened);
    return () => removeEventListener("hashchange", reopened);
  }, []);

  /** Only an admin whom the cookie already signs in is asked, and only while nobody has decided the address. */
  const offerAddress = async () => {
    const settings = await ask<{ url_is_set: boolean }>("GET", "/auth/settings");
    if (!settings.ok && settings.status === 401) return location.replace("/login?error=COOKIE_REFUSED");
    if (!settings.ok || settings.body.url_is_set) return goOn();
    setToken(null);
    setStep("ready");
  };

  if (trouble) return <RefusedAlert refused={trouble} />;
  if (!options) return <Loading />;
  if (step === "ready") return <Offer goOn={goOn} />;
  if (step === "closed") return <Closed withToken={() => setStep("form")} />;
  const findings = judgeAddress(location.origin, options);
  const shown = <Findings findings={findings} here={location.origin} told={options} />;
  if (blocks(findings) && !anyway)
    return <Blocked told={options} shown={shown} goOn={() => setAnyway(true)} />;
  return (
    <>
      <AdminForm
        token={token}
        least={options.password_min}
        done={offerAddress}
        spent={(code) => {
          setToken(null);
          if (code === "ALREADY_BOOTSTRAPPED") setStep("closed");
        }}
      />
      {findings.length > 0 && <section class="card">{shown}</section>}
    </>
  );
}

function Closed({ withToken }: { withToken: () => void }) {
  const t = setup();
  return (
    <Card title={t.closedTitle} intro={t.closedIntro}>
      <div class="row">
        <a class="button" href="/login">
          {shell().signIn}
        </a>
        <button type="button" class="quiet" onClick={withToken}>
          {t.haveToken}
        </button>
      </div>
    </Card>
  );
}

/** Sent from here, the form would be refused: say why before it is filled in. */
function Blocked({ told, shown, goOn: anyway }: { told: Told; shown: ComponentChildren; goOn: () => void }) {
  const t = setup();
  return (
    <Card title={t.blockedTitle}>
      {shown}
      <div class="row">
        {told.url_is_set && (
          <a class="button" href={`${told.url}/setup`}>
            {t.open(told.url)}
          </a>
        )}
        <button type="button" class="quiet" onClick={anyway}>
          {t.anyway}
        </button>
      </div>
    </Card>
  );
}

mount({ title: () => setup().tab, Content: Setup });
