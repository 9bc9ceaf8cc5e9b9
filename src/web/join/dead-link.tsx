import { type Refused, refusal } from "../parts/ask.ts";
import { Alert, Card } from "../parts/page.tsx";
import { join } from "../words/join.ts";
import { inWords } from "../words/refusals.ts";
import { shell } from "../words/shell.ts";

/** A link that leads nowhere, and why. */
export function DeadLink({ refused }: { refused: Refused }) {
  const t = join();
  return (
    <Card title={t.deadTitle}>
      <Alert words={refused.code === noToken.code ? t.linkMissing : inWords(refused)} />
      <a class="button quiet" href="/login">
        {shell().signIn}
      </a>
    </Card>
  );
}

export const noToken = refusal("LINK_INCOMPLETE");
