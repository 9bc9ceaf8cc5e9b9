/**
 * Wrong sign-ins, so many at a time, in a process of its own: `bun storm.ts URL COUNT SECONDS`. Each comes from an
 * address of its own; one in ten is for `ada`, the others for names that are nobody's. Says `over` when it
 * starts no more, and then, as JSON, what came of all: by status, and `lost` for no answer.
 */
import { atOnce } from "./lanes.ts";
import { anyAddress } from "./ledger.ts";

const [url = "", count = "", seconds = ""] = process.argv.slice(2);
const answers: Record<string, number> = {};
const end = performance.now() + Number(seconds) * 1000;
const timer = setTimeout(() => console.log("over"), Number(seconds) * 1000);

async function lane(): Promise<void> {
  while (performance.now() < end) {
    const what = await attempt();
    answers[what] = (answers[what] ?? 0) + 1;
  }
}

async function attempt(): Promise<string> {
  const username = Math.random() < 0.1 ? "ada" : crypto.randomUUID();
  try {
    const response = await fetch(`${url}/auth/local/login`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": anyAddress() },
      body: JSON.stringify({ username, password: "not the password" }),
    });
    await response.arrayBuffer();
    return String(response.status);
  } catch {
    return "lost";
  }
}

await Promise.all(atOnce(Number(count)).map(lane));
clearTimeout(timer);
console.log(JSON.stringify(answers));
