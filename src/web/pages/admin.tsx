import { Audit } from "../admin/audit.tsx";
import { Doctor } from "../admin/doctor.tsx";
import { Invites } from "../admin/invites.tsx";
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
import { doctor } from "../words/doctor.ts";
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
          ["settings", house().settings],
          ["tokens", house().tokens],
          ["health", doctor().title],
          ["audit", audit().title],
        ]}
      >
        <Overview />
        <Users />
        <Invites />
        <Provider />
        <HouseSettingsSection />
        <Tokens />
        <Doctor />
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
