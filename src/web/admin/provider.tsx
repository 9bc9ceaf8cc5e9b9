import { useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import type { Refused } from "../parts/ask.ts";
import { Field, PasswordField } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { Lines } from "../parts/lines.tsx";
import { useAsked } from "../parts/me.tsx";
import { announce } from "../parts/news.tsx";
import { Do, Loading, RefusedAlert, Section } from "../parts/page.tsx";
import { Check } from "../parts/select.tsx";
import { house } from "../words/house.ts";
import { shell } from "../words/shell.ts";
import { Steps, type Tested } from "./steps.tsx";

interface ProviderSettings {
  readonly configured: boolean;
  readonly enabled: boolean;
  readonly name: string | null;
  readonly issuer: string | null;
  readonly client_id: string | null;
  readonly has_client_secret: boolean;
  readonly auto_provision: boolean;
  readonly link_by_email: boolean;
  readonly redirect_uri: string;
}

const path = "/auth/provider/oidc";

export function Provider() {
  const t = house();
  const { body, refused, reload } = useAsked<ProviderSettings>(path);
  const [tested, setTested] = useState<Tested | null>(null);
  const [trouble, setTrouble] = useState<Refused | null>(null);
  const send = async (values: Values) => {
    const answer = await act("PUT", path, {
      issuer: values.issuer,
      client_id: values.client_id,
      ...(values.client_password && { client_secret: values.client_password }),
      ...(values.name && { name: values.name }),
      enabled: values.enabled === "on",
      auto_provision: values.auto_provision === "on",
      link_by_email: values.link_by_email === "on",
    });
    if (!answer.ok) return answer;
    setTested(null);
    await reload();
    announce(t.saved);
    return null;
  };
  const test = async () => {
    const answer = await act<Tested>("POST", `${path}/test`);
    setTrouble(answer.ok ? null : answer);
    if (answer.ok) setTested(answer.body);
  };
  return (
    <Section
      id="provider"
      title={t.provider}
      intro={t.providerIntro}
      beside={
        body?.configured && (
          <Do class="quiet small" act={test}>
            {t.test}
          </Do>
        )
      }
    >
      <RefusedAlert refused={trouble ?? refused} />
      {tested && <Steps tested={tested} names={t.steps} />}
      {body && <Lines label={t.redirect} text={body.redirect_uri} />}
      {body && <ProviderForm key={String(body.configured)} now={body} send={send} />}
      {!body && !refused && <Loading />}
    </Section>
  );
}

function ProviderForm({ now, send }: { now: ProviderSettings; send: Parameters<typeof Form>[0]["send"] }) {
  const t = house();
  return (
    <Form send={send} fieldOf={{ INVALID_PROVIDER: "issuer" }}>
      <Field
        name="issuer"
        type="url"
        label={t.issuer}
        hint={t.issuerHint}
        missing={t.issuerMissing}
        defaultValue={now.issuer ?? ""}
        maxLength={500}
        autocomplete="off"
      />
      <Field
        name="client_id"
        label={t.clientId}
        missing={t.clientMissing}
        defaultValue={now.client_id ?? ""}
        maxLength={500}
        autocomplete="off"
      />
      <PasswordField
        name="client_password"
        label={t.secret}
        hint={now.has_client_secret ? t.secretKept : t.secretHint}
        maxLength={1000}
        autocomplete="off"
      />
      <Field
        name="name"
        optional
        label={t.providerName}
        defaultValue={now.name ?? ""}
        maxLength={64}
        autocomplete="off"
        autoCapitalize="words"
      />
      <Check name="enabled" label={t.enabled} checked={now.enabled || !now.configured} />
      <Check name="auto_provision" label={t.provision} checked={now.auto_provision} />
      <Check name="link_by_email" label={t.link} checked={now.link_by_email} />
      <div class="row tight">
        <Submit>{shell().save}</Submit>
      </div>
    </Form>
  );
}
