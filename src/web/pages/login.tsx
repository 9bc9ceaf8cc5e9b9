import { useEffect, useState } from "preact/hooks";
import { destination, isBackFrom } from "../login/destination.ts";
import { MailCode } from "../login/mail-code.tsx";
import { SecondFactor } from "../login/second-factor.tsx";
import { type Attempt, byPasskey, SignIn } from "../login/sign-in.tsx";
import { Unreached } from "../login/unreached.tsx";
import { type Answer, ask, type Refused, refusal } from "../parts/ask.ts";
import { mount } from "../parts/mount.tsx";
import { askOptions, type Options } from "../parts/options.ts";
import { Card } from "../parts/page.tsx";
import { type PasskeyProof, provePasskey, stopAutofill } from "../parts/passkey.ts";
import { Prose } from "../parts/prose.tsx";
import { login } from "../words/login.ts";
import { codeInWords } from "../words/refusals.ts";

const query = new URLSearchParams(location.search);
const error = query.get("error");

/** The provider has said who is there; the house knows by a cookie, and asks for the second factor. */
const afterProvider: Step = { name: "second", attempt: { path: "/auth/oidc/two-factor", body: {} } };

type Step =
  | { readonly name: "sign-in" }
  | { readonly name: "second"; readonly attempt: Attempt }
  | { readonly name: "mail"; readonly typed: string }
  | { readonly name: "unreached"; readonly to: string }
  | { readonly name: "empty" };

const current = () => ask("GET", "/auth/sessions/current");

/** Asked for once: every way on has to know how far the cookie reaches. */
const optionsAsked = askOptions();

/** A challenge is good for five minutes: ask for another before that. */
const autofillMs = 4 * 60_000;

function Login() {
  const [options, setOptions] = useState<Options>();
  const [refused, setRefused] = useState<Refused | null>(null);
  const [step, setStep] = useState<Step>(query.get("step") === "code" ? afterProvider : { name: "sign-in" });

  /** Null when the person is in, or has to give a second factor. */
  const attempt = async ({ path, body }: Attempt): Promise<Refused | null> => {
    const answer = await ask("POST", path, body);
    if (!answer.ok && answer.code === "TOTP_REQUIRED") {
      setStep({ name: "second", attempt: { path, body } });
      return null;
    }
    if (!answer.ok) return answer;
    // Without the cookie every page would send the person back here, and never say why.
    const session = await current();
    if (!session.ok) return session.status === 401 ? refusal("COOKIE_REFUSED") : session;
    await goOn();
    return new Promise(() => {});
  };

  const goOn = async () => {
    const answer = await optionsAsked;
    const to = destination(answer.ok ? answer.body : undefined);
    if (isBackFrom(to)) setStep({ name: "unreached", to });
    else location.replace(to);
  };

  useEffect(() => {
    void optionsAsked.then((answer) => {
      if (!answer.ok) return;
      setOptions(answer.body);
      if (!answer.body.bootstrapped) setStep({ name: "empty" });
    });
    void current().then((session) => {
      if (session.ok && error === null && step.name === "sign-in") void goOn();
    });
  }, []);
  useAutofill(step.name === "sign-in" && options?.bootstrapped === true, async (proof) => {
    const answer = proof.ok ? await attempt(byPasskey(proof.body)) : proof;
    // Nobody asked for it, so that it did not come about is no news; what the house says of it is.
    if (answer && answer.status !== 0 && answer.code !== "RATE_LIMITED") setRefused(answer);
  });

  const startOver = () => setStep({ name: "sign-in" });
  switch (step.name) {
    case "unreached":
      return <Unreached to={step.to} />;
    case "empty":
      return <Empty />;
    case "mail":
      return (
        <MailCode
          name={step.typed}
          send={(token) =>
            attempt({ path: "/auth/sessions", body: { method: "otp", email: step.typed, token } })
          }
          startOver={startOver}
        />
      );
    case "second":
      return (
        <SecondFactor
          send={(code) => attempt({ ...step.attempt, body: { ...step.attempt.body, code } })}
          startOver={startOver}
        />
      );
    case "sign-in":
      return (
        <SignIn
          options={options}
          trouble={error && (codeInWords(error) ?? login().failed)}
          refused={refused}
          setRefused={setRefused}
          providerLink={`/auth/oidc/login?return_to=${encodeURIComponent(destination(options))}`}
          attempt={attempt}
          mailed={(typed) => setStep({ name: "mail", typed })}
        />
      );
  }
}

/** Passkeys among what the browser offers in the name field, as long as it is there. */
function useAutofill(wanted: boolean, proved: (proof: Answer<PasskeyProof>) => Promise<void>): void {
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!wanted) return;
    const timer = setTimeout(() => setRound(round + 1), autofillMs);
    void provePasskey({ autofill: true }).then(proved);
    return () => {
      clearTimeout(timer);
      stopAutofill();
    };
  }, [wanted, round]);
}

function Empty() {
  const t = login();
  return (
    <Card title={t.emptyTitle} intro={t.emptyIntro}>
      <p>
        <Prose pieces={t.emptyHelp} />
      </p>
      <a class="button" href="/setup">
        {t.haveToken}
      </a>
    </Card>
  );
}

mount({ title: () => login().title, Content: Login });
