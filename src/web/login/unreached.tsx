import { Card } from "../parts/page.tsx";
import { login } from "../words/login.ts";

/** The person is signed in, and the application they came from does not see it: going on would go round and round. */
export function Unreached({ to }: { to: string }) {
  const t = login();
  return (
    <Card title={t.unreachedTitle} intro={t.unreachedIntro(new URL(to).host)}>
      <p>{t.unreachedHelp}</p>
      <div class="stack">
        <a class="button" href={to}>
          {t.tryAgain}
        </a>
        <a class="button quiet" href="/account">
          {t.toAccount}
        </a>
      </div>
    </Card>
  );
}
