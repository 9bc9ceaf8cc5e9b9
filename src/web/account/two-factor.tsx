import { useState } from "preact/hooks";
import { act } from "../parts/act.ts";
import { day } from "../parts/ago.ts";
import type { Refused } from "../parts/ask.ts";
import { Dialog, Sure } from "../parts/dialog.tsx";
import { CodeField } from "../parts/field.tsx";
import { Form, Submit, type Values } from "../parts/form.tsx";
import { Lines } from "../parts/lines.tsx";
import { useAsked, useMe } from "../parts/me.tsx";
import { announce } from "../parts/news.tsx";
import { Do, RefusedAlert, Section } from "../parts/page.tsx";
import { Qr } from "../parts/qr.tsx";
import { twoFactor } from "../words/factors.ts";
import { login } from "../words/login.ts";
import { shell } from "../words/shell.ts";
import { BackupCodes } from "./backup-codes.tsx";

interface Status {
  readonly enabled: boolean;
  readonly enabled_at: string | null;
  readonly backup_codes_left: number;
}

interface Pending {
  readonly secret: string;
  readonly provisioning_uri: string;
}

const path = "/api/v1/auth/2fa";
const few = 3;

/** A changed factor ends the person's other sessions: `changed` is called, so that they are listed anew. */
export function TwoFactor({ changed: factorChanged }: { changed: () => void }) {
  const t = twoFactor();
  const me = useMe();
  const { body: status, refused, reload } = useAsked<Status>(`${path}/status`);
  const [pending, setPending] = useState<Pending | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [trouble, setTrouble] = useState<Refused | null>(null);
  const changed = async () => {
    await Promise.all([reload(), me.reload()]);
    factorChanged();
  };

  const begin = async () => {
    const answer = await act<Pending>("POST", `${path}/setup`, {});
    setTrouble(answer.ok ? null : answer);
    if (answer.ok) setPending(answer.body);
  };
  const enabled = async (made: readonly string[]) => {
    setPending(null);
    setCodes(made);
    await changed();
    announce(t.turnedOn);
  };
  const regenerate = async () => {
    const answer = await act<{ backup_codes: readonly string[] }>(
      "POST",
      `${path}/backup-codes/regenerate`,
      {},
    );
    if (!answer.ok) return answer;
    setCodes(answer.body.backup_codes);
    await changed();
    return null;
  };
  const disabled = async () => {
    setCodes(null);
    await changed();
    announce(t.turnedOff);
  };

  return (
    <Section
      id="two-factor"
      title={t.title}
      intro={t.intro}
      beside={
        status && <span class={status.enabled ? "tag good" : "tag"}>{status.enabled ? t.on : t.off}</span>
      }
    >
      <RefusedAlert refused={trouble ?? refused} />
      {codes && <BackupCodes codes={codes} kept={() => setCodes(null)} />}
      {status?.enabled && !codes && (
        <>
          <p>
            {status.enabled_at && t.onSince(day(new Date(status.enabled_at)))}{" "}
            {t.left(status.backup_codes_left)}
          </p>
          {status.backup_codes_left <= few && <p class="callout">{t.fewLeft}</p>}
          <div class="row tight">
            <Sure button={t.regenerate} title={t.regenerateTitle} yes={t.regenerate} act={regenerate}>
              <p>{t.regenerateText}</p>
            </Sure>
            <TurnOff disabled={disabled} />
          </div>
        </>
      )}
      {status && !status.enabled && !codes && !pending && (
        <div class="row tight">
          <Do act={begin}>{t.turnOn}</Do>
        </div>
      )}
      {pending && <Enrol pending={pending} enabled={enabled} cancel={() => setPending(null)} />}
    </Section>
  );
}

interface EnrolProps {
  readonly pending: Pending;
  readonly enabled: (codes: readonly string[]) => Promise<void>;
  readonly cancel: () => void;
}

function Enrol({ pending, enabled, cancel }: EnrolProps) {
  const t = twoFactor();
  const send = async ({ code = "" }: Values) => {
    const answer = await act<{ backup_codes: readonly string[] }>("POST", `${path}/enable`, { code });
    if (!answer.ok) return answer;
    await enabled(answer.body.backup_codes);
    return null;
  };
  return (
    <div class="stack">
      <h3>{t.scan}</h3>
      <p class="hint">{t.scanHint}</p>
      <Qr text={pending.provisioning_uri} label={t.qr} />
      <p>{t.byHand}</p>
      <Lines label={t.key} text={pending.secret.replace(/(.{4})(?=.)/g, "$1 ")} />
      <Form send={send} fieldOf={{ INVALID_CODE: "code" }} retry="code">
        <CodeField name="code" label={t.firstCode} missing={login().totpMissing} inputMode="numeric" />
        <div class="row tight">
          <Submit>{t.enable}</Submit>
          <button type="button" class="quiet" onClick={cancel}>
            {shell().cancel}
          </button>
        </div>
      </Form>
    </div>
  );
}

function TurnOff({ disabled }: { disabled: () => Promise<void> }) {
  const t = twoFactor();
  const [open, setOpen] = useState(false);
  const send = async ({ code = "" }: Values) => {
    const answer = await act("POST", `${path}/disable`, { code });
    if (!answer.ok) return answer;
    setOpen(false);
    await disabled();
    return null;
  };
  return (
    <>
      <button type="button" class="quiet danger" onClick={() => setOpen(true)}>
        {t.turnOff}
      </button>
      {open && (
        <Dialog title={t.turnOffTitle} close={() => setOpen(false)}>
          <p>{t.turnOffText}</p>
          <Form send={send} fieldOf={{ INVALID_CODE: "code" }} retry="code">
            <CodeField name="code" first label={t.code} missing={login().totpMissing} />
            <div class="row end">
              <button type="button" class="quiet" onClick={() => setOpen(false)}>
                {shell().cancel}
              </button>
              <Submit class="danger">{t.turnOff}</Submit>
            </div>
          </Form>
        </Dialog>
      )}
    </>
  );
}
