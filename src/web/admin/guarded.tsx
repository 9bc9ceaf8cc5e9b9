import { useId, useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import type { Refused } from "../parts/ask.ts";
import { Field } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { useAsked } from "../parts/me.tsx";
import { announce } from "../parts/news.tsx";
import { Do, Loading, RefusedAlert, Section } from "../parts/page.tsx";
import { When } from "../parts/when.tsx";
import { guarded } from "../words/guarded.ts";

interface Rule {
  readonly host: string;
  readonly path_prefix: string;
}

interface Guarded {
  readonly cookie_domain: string | null;
  readonly forward_bypass: readonly Rule[];
  readonly forward_hosts: readonly { readonly host: string; readonly last_seen: string }[];
}

const path = "/auth/settings";

const same = (rule: Rule, other: Rule): boolean =>
  rule.host === other.host && rule.path_prefix === other.path_prefix;

/** The hosts a proxy asked about, each with the paths of it that are open to everybody. */
export function GuardedHosts() {
  const t = guarded();
  const { body, refused, reload } = useAsked<Guarded>(path);
  const [trouble, setTrouble] = useState<Refused | null>(null);

  /** Another admin may have changed the rules since this page was opened: what is sent is made of today's. */
  const change = async (to: (rules: readonly Rule[]) => readonly Rule[], done: string) => {
    const now = await act<Guarded>("GET", path);
    const answer = now.ok ? await act("PATCH", path, { forward_bypass: to(now.body.forward_bypass) }) : now;
    await reload();
    if (answer.ok) announce(done);
    return answer.ok ? null : answer;
  };
  const close = async (rule: Rule) =>
    setTrouble(await change((rules) => rules.filter((other) => !same(rule, other)), t.closed));

  return (
    <Section id="guarded" title={t.title} intro={t.intro}>
      <RefusedAlert refused={trouble ?? refused} />
      {body ? (
        <>
          {body.cookie_domain === null && <p>{t.noDomain}</p>}
          <Hosts now={body} close={close} />
          <OpenPath now={body} change={change} />
        </>
      ) : (
        <Loading />
      )}
    </Section>
  );
}

function Hosts({ now, close }: { now: Guarded; close: (rule: Rule) => Promise<unknown> }) {
  const t = guarded();
  const asked = new Map(now.forward_hosts.map(({ host, last_seen }) => [host, last_seen]));
  const hosts = [...new Set([...asked.keys(), ...now.forward_bypass.map(({ host }) => host)])].sort();
  if (hosts.length === 0) return now.cookie_domain === null ? null : <p class="soft">{t.none}</p>;
  return (
    <ul class="list">
      {hosts.map((host) => {
        const seen = asked.get(host);
        const rules = now.forward_bypass.filter((rule) => rule.host === host);
        return (
          <li key={host}>
            <div class="what">
              <strong>
                <bdi>{host}</bdi>
              </strong>
              <p>
                {seen ? (
                  <>
                    {t.lastAsked} <When at={seen} />
                  </>
                ) : (
                  t.notAsked
                )}
                {" · "}
                {rules.length === 0 ? t.allGuarded : t.open}
              </p>
              {rules.map((rule) => (
                <div class="row tight" key={rule.path_prefix}>
                  <code>{rule.path_prefix}</code>
                  <Do
                    class="quiet small"
                    label={t.closeLabel(rule.path_prefix, host)}
                    act={() => close(rule)}
                  >
                    {t.close}
                  </Do>
                </div>
              ))}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

interface OpenPathProps {
  readonly now: Guarded;
  readonly change: (to: (rules: readonly Rule[]) => readonly Rule[], done: string) => Promise<Refused | null>;
}

function OpenPath({ now, change }: OpenPathProps) {
  const t = guarded();
  const id = useId();
  const [round, setRound] = useState(0);
  const ruleOf = ({ host = "", path_prefix = "" }: Values): Rule => ({
    host: host.toLowerCase(),
    path_prefix,
  });
  const check = (values: Values) => {
    const rule = ruleOf(values);
    return {
      ...(!/^[a-z0-9_.-]+(:\d{1,5})?$/.test(rule.host) && { host: t.hostWrong }),
      ...(!/^\/[^%;?#,\\]*$/.test(rule.path_prefix) && { path_prefix: t.pathWrong }),
      ...(now.forward_bypass.some((other) => same(rule, other)) && { path_prefix: t.known }),
    };
  };
  const send = async (values: Values) => {
    const refused = await change((rules) => [...rules, ruleOf(values)], t.opened);
    if (!refused) setRound(round + 1);
    return refused;
  };
  return (
    <Form key={round} send={send} check={check}>
      <Field
        name="host"
        label={t.host}
        missing={t.hostWrong}
        maxLength={259}
        autocomplete="off"
        list={`${id}-hosts`}
      />
      <datalist id={`${id}-hosts`}>
        {now.forward_hosts.map(({ host }) => (
          <option key={host} value={host} />
        ))}
      </datalist>
      <Field
        name="path_prefix"
        label={t.path}
        hint={t.pathHint}
        missing={t.pathWrong}
        maxLength={512}
        autocomplete="off"
      />
      <div class="row tight">
        <Submit class="quiet">{t.add}</Submit>
      </div>
    </Form>
  );
}
