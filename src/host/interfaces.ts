import { networkInterfaces } from "node:os";

interface Listening {
  readonly scheme: "http" | "https";

  /** The address that was bound. */
  readonly host: string;

  readonly port: number;
}

/** The URLs under which a browser may reach a house that nobody has given an address yet, this machine first. */
export function localUrls({ scheme, host, port }: Listening): string[] {
  const anywhere = host === "0.0.0.0" || host === "::";
  const hosts = anywhere ? ["localhost", ...outside(host)] : [host];
  return hosts.map((name) => `${scheme}://${name.includes(":") ? `[${name}]` : name}:${port}`);
}

function outside(bound: string): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family, address }) => {
      if (internal || address.startsWith("fe80:")) return false;
      return family === "IPv4" || bound === "::";
    })
    .map(({ address }) => address);
}
