import { Audit } from "../admin/audit.tsx";
import { Checkup } from "../admin/checkup.tsx";
import { GuardedHosts } from "../admin/guarded.tsx";
import { Invites } from "../admin/invites.tsx";
import { Mail } from "../admin/mail.tsx";
import { Overview } from "../admin/overview.tsx";
import { Provider } from "../admin/provider.tsx";
import { HouseSettingsSection } from "../admin/settings.tsx";
import { Tokens } from "../admin/tokens.tsx";
import { Users } from "../admin/users.tsx";
import { Contents } from "../parts/contents.tsx";
import { SignedIn, useMe } from "../parts/me.tsx";
import { mount } from "../parts/mount.tsx";
import { Alert } from "../parts/page.tsx";
import { account } from "../words/account.ts";
import { admin } from "../words/admin.ts";
import { audit } from "../words/audit.ts";
import { checkup } from "../words/checkup.ts";
import { guarded } from "../words/guarded.ts";
import { house } from "../words/house.ts";
import { shell } from "../words/shell.ts";

function Admin() {
  const t = admin();
  const { user } = useMe();
  if (user.role !== "admin") return <Alert words={t.forbidden} />;
  return (
    <>
      <div class="spread">
        <hgroup>
          <h1>{t.title}</h1>
          <p class="soft">{location.origin}</p>
        </hgroup>
        <a class="button quiet" href="/account">
          {shell().account}
        </a>
      </div>
      <Contents
        label={account().contents}
        parts={[
          ["overview", t.overview],
          ["users", t.users],
          ["invites", house().invites],
          ["provider", house().provider],
          ["mail", checkup().mail],
          ["checkup", checkup().title],
          ["guarded", guarded().title],
          ["settings", house().settings],
          ["tokens", house().tokens],
          ["audit", audit().title],
        ]}
      >
        <Overview />
        <Users />
        <Invites />
        <Provider />
        <Mail />
        <Checkup />
        <GuardedHosts />
        <HouseSettingsSection />
        <Tokens />
        <Audit />
      </Contents>
    </>
  );
}

mount({
  title: () => admin().tab,
  Content: () => (
    <SignedIn>
      <Admin />
    </SignedIn>
  ),
});
