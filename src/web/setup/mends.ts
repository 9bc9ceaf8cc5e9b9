/** The lines that mend what stands between a browser and the house, in the words of each proxy. */
import type { Finding, Told } from "./address.ts";

export interface Mend {
  readonly label: string;
  readonly text: string;
}

const forwarding = ["X-Forwarded-For $proxy_add_x_forwarded_for", "X-Forwarded-Proto $scheme"] as const;

const setHeader = (header: string): string => `proxy_set_header ${header};`;

/** What to add where, for the proxies that stand in front of most houses. */
export function mends(finding: Finding, here: string, { url_is_set, seen }: Told): readonly Mend[] {
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
          text: `location / {\n\tproxy_pass http://${target};\n\t${["Host $http_host", ...forwarding].map(setHeader).join("\n\t")}\n}`,
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
        { label: "nginx", text: forwarding.map(setHeader).join("\n") },
        {
          label: "Traefik",
          text: "# sends it by itself: remove the middleware that takes X-Forwarded-For away",
        },
      ];
  }
}
