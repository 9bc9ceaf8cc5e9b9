import { Lines } from "../parts/lines.tsx";
import { setup } from "../words/setup.ts";
import type { Finding, Told } from "./address.ts";

interface Mend {
  readonly label: string;
  readonly text: string;
}

/** What to add where, for the proxies that stand in front of most houses. */
function mends(finding: Finding, here: string, { url_is_set, seen }: Told): readonly Mend[] {
  const { hostname, host } = new URL(here);
  const name = /[a-z]/i.test(hostname) && !hostname.startsWith("[") ? hostname : "auth.example.org";
  const upstream = seen.origin.replace(/^https?:\/\//, "");
  const target = upstream === host ? "127.0.0.1:8420" : upstream;
  const caddy = { label: "Caddy", text: `${name} {\n\treverse_proxy ${target}\n}` };
  switch (finding) {
    case "elsewhere":
    case "scheme":
    case "unnamed":
      return [{ label: "Housekey", text: `HOUSEKEY_URL=${here}` }];
    case "insecure":
    case "number":
      return [
        caddy,
        {
          label: "nginx",
          text: `location / {\n\tproxy_pass http://${target};\n\tproxy_set_header Host $http_host;\n\tproxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n}`,
        },
        {
          label: "Traefik",
          text: `traefik.http.routers.housekey.rule=Host(\`${name}\`)\ntraefik.http.routers.housekey.tls.certresolver=default`,
        },
        ...(url_is_set ? [] : [{ label: "Housekey", text: `HOUSEKEY_URL=https://${name}` }]),
      ];
    case "host":
      return [
        { label: "Caddy", text: "header_up Host {http.request.hostport}" },
        { label: "nginx", text: "proxy_set_header Host $http_host;" },
        { label: "Traefik", text: "traefik.http.services.housekey.loadbalancer.passhostheader=true" },
      ];
    case "untrusted":
      return [{ label: "Housekey", text: "HOUSEKEY_TRUSTED_PROXIES=172.16.0.0/12" }];
    case "silent":
      return [
        { label: "Caddy", text: "header_up X-Forwarded-For {http.request.remote.host}" },
        { label: "nginx", text: "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;" },
        {
          label: "Traefik",
          text: "# sends it by itself: remove the middleware that takes X-Forwarded-For away",
        },
      ];
  }
}

interface FindingsProps {
  readonly findings: readonly Finding[];
  readonly here: string;
  readonly told: Told;
}

/** Both addresses beside each other, and what to do about each thing that is wrong. */
export function Findings({ findings, here, told }: FindingsProps) {
  const t = setup();
  const house = told.url_is_set ? told.url : told.seen.origin;
  return (
    <>
      <dl class="facts">
        <div>
          <dt>{t.browserAt}</dt>
          <dd>{here}</dd>
        </div>
        <div>
          <dt>{t.houseAt}</dt>
          <dd>{told.url_is_set ? told.url : t.undecided}</dd>
        </div>
      </dl>
      {findings.map((finding) => {
        const { title, text } = t.troubles[finding](here, house);
        return (
          <section key={finding} class="trouble">
            <h2>{title}</h2>
            <p>{text}</p>
            {mends(finding, here, told).map((mend) => (
              <Lines key={mend.label} {...mend} />
            ))}
          </section>
        );
      })}
    </>
  );
}
