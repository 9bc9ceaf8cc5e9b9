import { useState } from "preact/hooks";
import { ApiKeys } from "../account/api-keys.tsx";
import { History } from "../account/history.tsx";
import { Identities } from "../account/identities.tsx";
import { Leave } from "../account/leave.tsx";
import { Passkeys } from "../account/passkeys.tsx";
import { Password } from "../account/password.tsx";
import { Phone } from "../account/phone.tsx";
import { Address, Profile } from "../account/profile.tsx";
import { Sessions } from "../account/sessions.tsx";
import { TwoFactor } from "../account/two-factor.tsx";
import type { Refused } from "../parts/ask.ts";
import { ask } from "../parts/ask.ts";
import { Contents } from "../parts/contents.tsx";
import { SignedIn, useMe } from "../parts/me.tsx";
import { mount } from "../parts/mount.tsx";
import { Do, RefusedAlert } from "../parts/page.tsx";
import { account } from "../words/account.ts";
import { history } from "../words/audit.ts";
import { passkeys, twoFactor } from "../words/factors.ts";
import { keys } from "../words/keys.ts";
import { identities, phone } from "../words/phone.ts";
import { shell } from "../words/shell.ts";

function Account() {
  const t = account();
  const { options } = useMe();
  const [round, setRound] = useState(0);
  /** The sessions are listed anew. */
  const refresh = () => setRound((count) => count + 1);
  const hasProvider = options.oidc !== null;
  const parts: (readonly [string, string])[] = [
    ["profile", t.profile],
    ["address", t.address],
    ...(options.local_login ? [["password", t.password] as const] : []),
    ["passkeys", passkeys().title],
    ["two-factor", twoFactor().title],
    ["keys", keys().title],
    ["phone", phone().title],
    ...(hasProvider ? [["identities", identities().title] as const] : []),
    ["sessions", t.sessions],
    ["history", history().title],
    ["leave", t.leave],
  ];
  return (
    <>
      <Head />
      <Contents label={t.contents} parts={parts}>
        <Profile />
        <Address />
        {options.local_login && <Password changed={refresh} />}
        <Passkeys changed={refresh} />
        <TwoFactor changed={refresh} />
        <ApiKeys />
        <Phone linked={refresh} />
        <Identities changed={refresh} />
        <Sessions key={round} />
        <History key={`history ${round}`} />
        <Leave />
      </Contents>
    </>
  );
}

/** Who it is, and the way out. */
function Head() {
  const { user } = useMe();
  const [refused, setRefused] = useState<Refused | null>(null);
  const leave = async () => {
    const answer = await ask("DELETE", "/auth/sessions/current");
    if (answer.ok || answer.status === 401) return location.replace("/login");
    setRefused(answer);
  };
  return (
    <>
      <div class="spread">
        <hgroup>
          <h1>
            <bdi>{user.name || user.username}</bdi>
          </h1>
          {user.name && (
            <p class="soft">
              <bdi>{user.username}</bdi>
            </p>
          )}
        </hgroup>
        <div class="row tight">
          {user.role === "admin" && (
            <a class="button quiet" href="/admin">
              {shell().admin}
            </a>
          )}
          <Do class="quiet" act={leave}>
            {shell().signOut}
          </Do>
        </div>
      </div>
      <RefusedAlert refused={refused} />
    </>
  );
}

mount({
  title: () => shell().account,
  Content: () => (
    <SignedIn>
      <Account />
    </SignedIn>
  ),
});
