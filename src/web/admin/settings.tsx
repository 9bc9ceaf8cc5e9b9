import { act } from "../parts/act.ts";
import { Field } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { useAsked } from "../parts/me.tsx";
import { announce } from "../parts/news.tsx";
import { Loading, RefusedAlert, Section } from "../parts/page.tsx";
import { Check, Select } from "../parts/select.tsx";
import { house } from "../words/house.ts";
import { shell } from "../words/shell.ts";
import { durationOf, durationText } from "./duration.ts";

const lifetimes = ["session", "idle", "fresh", "access", "refresh"] as const;
type Lifetime = (typeof lifetimes)[number];

interface HouseSettings {
  readonly url: string;
  readonly registration: "closed" | "invite" | "open";
  readonly local_login: boolean;
  readonly mail_login: boolean;
  readonly audit_days: number;

  /** In seconds. */
  readonly lifetimes: Readonly<Record<Lifetime, number>>;

  /** The names of those that the environment decides. */
  readonly fixed: readonly string[];
}

export function HouseSettingsSection() {
  const t = house();
  const { body, refused, reload } = useAsked<HouseSettings>("/auth/settings");
  const send = async (values: Values) => {
    if (!body) return null;
    const answer = await act("PATCH", "/auth/settings", changesTo(body, values));
    if (!answer.ok) return answer;
    await reload();
    announce(t.saved);
    return null;
  };
  return (
    <Section id="settings" title={t.settings} intro={t.settingsIntro}>
      <RefusedAlert refused={refused} />
      {body ? <SettingsForm now={body} send={send} /> : <Loading />}
    </Section>
  );
}

/** Only what differs is sent: what the environment decides is never, and the address only when somebody means it. */
function changesTo(now: HouseSettings, values: Values): object {
  const wanted = {
    url: values.url,
    registration: values.registration,
    local_login: values.local_login === "on",
    mail_login: values.mail_login === "on",
    audit_days: Number(values.audit_days),
  };
  const before: Readonly<Record<string, unknown>> = { ...now };
  const changed = Object.entries(wanted).filter(
    ([name, value]) => !now.fixed.includes(name) && before[name] !== value,
  );
  const longer = lifetimes
    .map((name) => [name, durationOf(values[name] ?? "")] as const)
    .filter(([name, seconds]) => seconds !== null && seconds !== now.lifetimes[name]);
  return {
    ...Object.fromEntries(changed),
    ...(longer.length > 0 && { lifetimes: Object.fromEntries(longer) }),
  };
}

function SettingsForm({ now, send }: { now: HouseSettings; send: Parameters<typeof Form>[0]["send"] }) {
  const t = house();
  const fixed = (name: string) => now.fixed.includes(name);
  const labelled = (name: string, label: string) => (fixed(name) ? `${label} (${t.fixed})` : label);
  const check = ({ url = now.url, audit_days = "1", ...values }: Values) => ({
    ...(!/^https?:\/\/[^/?#]+\/?$/i.test(url) && { url: t.urlWrong }),
    ...(!/^[1-9]\d{0,3}$/.test(audit_days) && { audit_days: t.daysWrong }),
    ...Object.fromEntries(
      lifetimes
        .filter((name) => durationOf(values[name] ?? "") === null)
        .map((name) => [name, t.lifetimesHint]),
    ),
  });
  return (
    <Form send={send} check={check}>
      <Field
        name="url"
        type="url"
        label={labelled("url", t.url)}
        hint={t.urlHint}
        missing={t.urlWrong}
        defaultValue={now.url}
        readOnly={fixed("url")}
        maxLength={255}
        autocomplete="off"
      />
      <Select
        name="registration"
        label={labelled("registration", t.registration)}
        value={now.registration}
        disabled={fixed("registration")}
        options={[
          ["closed", t.registrations.closed],
          ["invite", t.registrations.invite],
          ["open", t.registrations.open],
        ]}
      />
      <Check
        name="local_login"
        label={labelled("local_login", t.localLogin)}
        checked={now.local_login}
        disabled={fixed("local_login")}
      />
      <Check
        name="mail_login"
        label={labelled("mail_login", t.mailLogin)}
        checked={now.mail_login}
        disabled={fixed("mail_login")}
      />
      <Field
        name="audit_days"
        label={t.auditDays}
        defaultValue={String(now.audit_days)}
        inputMode="numeric"
        maxLength={4}
        autocomplete="off"
      />
      <fieldset class="choices">
        <legend class="label">{t.lifetimes}</legend>
        <p class="hint">{t.lifetimesHint}</p>
        {lifetimes.map((name) => (
          <Field
            key={name}
            name={name}
            label={labelled(`lifetimes.${name}`, t[name])}
            defaultValue={durationText(now.lifetimes[name])}
            readOnly={fixed(`lifetimes.${name}`)}
            maxLength={12}
            autocomplete="off"
          />
        ))}
      </fieldset>
      <div class="row tight">
        <Submit>{shell().save}</Submit>
      </div>
    </Form>
  );
}
