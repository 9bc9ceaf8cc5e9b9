import { useState } from "preact/hooks";
import { networkOf } from "../account/network.ts";
import { act } from "../parts/act.ts";
import { clock } from "../parts/ago.ts";
import type { Refused } from "../parts/ask.ts";
import { Card, Do, RefusedAlert } from "../parts/page.tsx";
import { account } from "../words/account.ts";
import { device } from "../words/device.ts";

/** What a device says of itself, and what the house saw. */
export interface Asking {
  readonly clientType: keyof ReturnType<typeof device>["kinds"];
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly expiresAt: string;
}

export type Decision = "authorize" | "deny";

interface AskingCardProps {
  readonly code: string;
  readonly asking: Asking;
  readonly decided: (decision: Decision) => void;
}

/** Who asks to come in; nothing happens before a button is pressed. */
export function AskingCard({ code, asking, decided }: AskingCardProps) {
  const t = device();
  const [refused, setRefused] = useState<Refused | null>(null);
  const decide = async (decision: Decision) => {
    const answer = await act("POST", `/api/auth/device/${decision}`, { code });
    if (answer.ok) decided(decision);
    else setRefused(answer);
  };
  const { ipAddress, userAgent, clientType, expiresAt } = asking;
  return (
    <Card title={t.askTitle} intro={t.askIntro}>
      <dl class="facts">
        <div>
          <dt>{t.code}</dt>
          <dd class="code">{code.toUpperCase()}</dd>
        </div>
        <div>
          <dt>{t.kind}</dt>
          <dd>{t.kinds[clientType]}</dd>
        </div>
        <div>
          <dt>{t.address}</dt>
          <dd>
            {ipAddress} ({account()[networkOf(ipAddress)]})
          </dd>
        </div>
        <div>
          <dt>{t.until}</dt>
          <dd>{clock(new Date(expiresAt))}</dd>
        </div>
        <div class="whole">
          <dt>{t.agent}</dt>
          <dd>
            <bdi>{userAgent ?? t.silent}</bdi>
          </dd>
        </div>
      </dl>
      <p class="callout">{t.warning}</p>
      <RefusedAlert refused={refused} />
      <div class="row">
        <Do class="quiet" act={() => decide("deny")}>
          {t.deny}
        </Do>
        <Do act={() => decide("authorize")}>{t.approve}</Do>
      </div>
    </Card>
  );
}
