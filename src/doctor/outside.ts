/** The house as it is reached from outside: by its public address, through whatever stands in front of it. */
import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import type { Step } from "../identity/doctor.ts";
import { judge } from "./certificate.ts";
import { ill, well } from "./patient.ts";

const name = "outside";
const milliseconds = 10_000;
const tolerated = 30;

interface Aim {
  readonly url: URL;

  /** The running server as this machine reaches it; null: none is running. */
  readonly near: string | null;

  readonly now: Date;
}

export async function examineOutside({ url, near, now }: Aim): Promise<Step[]> {
  const steps: Step[] = [];
  if (url.protocol === "https:") steps.push(await examineShown(url, now));
  let answer: Response;
  try {
    answer = await ask(url.origin);
  } catch (error) {
    return [...steps, unreached(url, error)];
  }
  const run = runOf(answer);
  const location = answer.headers.get("location");
  if (location !== null)
    steps.push(
      ill(
        name,
        `${url.origin} leads on to ${location.slice(0, 200)}`,
        `Set HOUSEKEY_URL to the address people end up at, and try --url with it.`,
      ),
    );
  else if (run === null)
    steps.push(
      ill(
        name,
        `something else answers at ${url.origin} (${answer.status} to /healthz)`,
        `Let the proxy pass ${url.hostname} on to ${near ?? "the house"}. Caddy: reverse_proxy ${behind(near)} in the site ${url.host}; ` +
          `nginx: location / { proxy_pass ${near ?? "http://127.0.0.1:8420"}; proxy_set_header Host $http_host; ` +
          "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme; }",
      ),
    );
  else steps.push(await sameHouse(url, near, run));
  const date = new Date(answer.headers.get("date") ?? Number.NaN).getTime();
  const off = Math.round((date - now.getTime()) / 1000);
  if (Math.abs(off) > tolerated)
    steps.push(
      ill(
        "clock",
        `whoever answers at ${url.origin} has a clock that is ${off} s off from this one`,
        "Let both machines keep the time: timedatectl set-ntp true.",
      ),
    );
  return steps;
}

async function sameHouse(url: URL, near: string | null, run: string): Promise<Step> {
  if (near === null)
    return well(
      name,
      `a house answers at ${url.origin}; whether it is this one cannot be told, for it is not running`,
    );
  const own = await ask(near).then(runOf, () => null);
  if (own === run) return well(name, `this very house answers at ${url.origin}`);
  return ill(
    name,
    `another house answers at ${url.origin}: not the one that is served from this folder`,
    `Let the proxy pass on to ${near}, or ask "housekey doctor" about the folder of the other one (--data).`,
  );
}

const behind = (near: string | null): string => new URL(near ?? "http://127.0.0.1:8420").host;

const ask = (origin: string): Promise<Response> =>
  fetch(`${origin}/healthz`, {
    redirect: "manual",
    signal: AbortSignal.timeout(milliseconds),
    // What is wrong with a certificate is told by itself.
    tls: { rejectUnauthorized: false },
    headers: { "user-agent": "housekey doctor" },
  });

/** Every run of a house numbers its requests under a prefix of its own. */
const runOf = (answer: Response): string | null =>
  /^([0-9a-f]{12})-[0-9a-z]+$/.exec(answer.headers.get("x-request-id") ?? "")?.[1] ?? null;

function unreached(url: URL, error: unknown): Step {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = error instanceof Error ? error.message : String(error);
  const where = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return ill(
    name,
    `nobody answers at ${url.origin} from here: ${code ? `${code}, ` : ""}${reason}`,
    `See that ${url.hostname} is the address of the proxy (getent hosts ${url.hostname}), that port ${where} is open there, and ` +
      "that the router lets machines inside reach it by that name (NAT loopback, or the name in the house's own DNS).",
  );
}

/** The certificate that is shown there, whoever shows it. */
async function examineShown(url: URL, now: Date): Promise<Step> {
  const { promise, resolve } = Promise.withResolvers<Step>();
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const socket = connect(
    {
      host,
      port: Number(url.port || 443),
      rejectUnauthorized: false,
      ...(/[a-z]/i.test(host) && !host.includes(":") && { servername: host }),
    },
    () => {
      try {
        const { raw } = socket.getPeerCertificate();
        const step = judge(new X509Certificate(raw), url.hostname, `the certificate at ${url.origin}`, now);
        const trust = socket.authorizationError;
        resolve(
          !step.ok || socket.authorized
            ? step
            : ill(
                "certificate",
                `the certificate at ${url.origin} is not one that this machine trusts (${trust})`,
                "Get one from an authority that browsers trust (Caddy, certbot and acme.sh do), with its whole chain; or give " +
                  "every machine of the house the certificate of your own authority.",
              ),
        );
      } catch (error) {
        resolve(
          ill(
            "certificate",
            `cannot be read: ${error instanceof Error ? error.message : error}`,
            "Look at the proxy.",
          ),
        );
      }
      socket.destroy();
    },
  );
  const fail = (reason: string) => {
    socket.destroy();
    resolve(ill("certificate", `none is shown at ${url.origin}: ${reason}`, "See that TLS is spoken there."));
  };
  socket.once("error", (error) => fail(error.message));
  socket.setTimeout(milliseconds, () => fail("no answer in time"));
  return promise;
}
