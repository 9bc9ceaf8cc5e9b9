/** The names of the scene, all of them on loopback, and an authority of its own that vouches for them. */
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

export const domain = "home.example";
export const houseName = `auth.${domain}`;
export const appNames = [`app1.${domain}`, `app2.${domain}`] as const;

/** Where people are, as far as addresses tell: not at the proxy's. */
export const visitor = "127.0.0.7";

export interface Certificates {
  readonly authority: string;
  readonly cert: string;
  readonly key: string;
}

export function makeCertificates(folder: string): Certificates {
  const [authority, authorityKey] = [join(folder, "authority.crt"), join(folder, "authority.key")];
  const [cert, key, asked] = [join(folder, "site.crt"), join(folder, "site.key"), join(folder, "site.csr")];
  const names = join(folder, "names.cnf");
  writeFileSync(names, `subjectAltName=DNS:${domain},DNS:*.${domain}\n`);
  const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...fresh,
    "-days",
    "2",
    "-subj",
    "/CN=scene",
    "-keyout",
    authorityKey,
    "-out",
    authority,
  );
  openssl("req", ...fresh, "-subj", `/CN=${domain}`, "-keyout", key, "-out", asked);
  const signing = [
    "-CA",
    authority,
    "-CAkey",
    authorityKey,
    "-CAcreateserial",
    "-days",
    "2",
    "-extfile",
    names,
  ];
  openssl("x509", "-req", "-in", asked, ...signing, "-out", cert);
  return { authority, cert, key };
}

function openssl(...words: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(["openssl", ...words], { stdin: "ignore" });
  if (exitCode !== 0) throw new Error(`openssl ${words[0]}: ${stderr}`);
}

/** A port that was free a moment ago, for who cannot choose one and tell. */
export function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.once("error", reject);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
  });
  return promise;
}
