/** A provider of other authorship: LemonLDAP::NG, as Debian has it, with its demonstration people. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanEnv } from "../binary.ts";
import { freePort, secret } from "../upstream/real.ts";

export interface Lemonldap {
  readonly issuer: string;
  stop(): Promise<void>;
}

/** Where Debian's package keeps what it begins with. */
const original = "/var/lib/lemonldap-ng/conf/lmConf-1.json";

function configuration(folder: string, issuer: string, redirectUri: string): object {
  const key = join(folder, "key");
  for (const args of [
    ["genrsa", "-out", key, "2048"],
    ["rsa", "-in", key, "-pubout", "-out", `${key}.pub`],
  ])
    if (Bun.spawnSync(["openssl", ...args]).exitCode !== 0) throw new Error(`openssl ${args[0]} failed`);
  const directories = { Directory: join(folder, "sessions"), LockDirectory: join(folder, "lock") };
  const rp = (name: string) => `oidcRPMetaDataOptions${name}`;
  return {
    ...JSON.parse(readFileSync(original, "utf8")),
    portal: issuer,
    domain: "localhost",
    requireToken: 0,
    globalStorageOptions: directories,
    persistentStorageOptions: directories,
    localSessionStorageOptions: { namespace: "s", cache_root: join(folder, "cache"), cache_depth: 3 },
    // What sends mail is not what is tested.
    registerDB: "Null",
    passwordDB: "Null",
    portalDisplayRegister: 0,
    portalDisplayResetPassword: 0,
    portalCheckLogins: 0,
    loginHistoryEnabled: 0,
    issuerDBOpenIDConnectActivation: 1,
    oidcServicePrivateKeySig: readFileSync(key, "utf8"),
    oidcServicePublicKeySig: readFileSync(`${key}.pub`, "utf8"),
    oidcServiceKeyIdSig: "first",
    oidcRPMetaDataExportedVars: { housekey: { email: "mail", name: "cn", preferred_username: "uid" } },
    oidcRPMetaDataOptions: {
      housekey: {
        [rp("ClientID")]: "housekey",
        [rp("ClientSecret")]: secret,
        [rp("RedirectUris")]: redirectUri,
        [rp("IDTokenSignAlg")]: "RS256",
        [rp("RequirePKCE")]: 1,
        [rp("BypassConsent")]: 1,
      },
    },
  };
}

const ini = (folder: string) => `[all]
logLevel = error
[configuration]
type = File
dirName = ${folder}/conf
localStorage = Cache::FileCache
localStorageOptions = { 'namespace' => 'c', 'cache_root' => '${folder}/cache' }
[portal]
staticPrefix = /static
templateDir = /usr/share/lemonldap-ng/portal/templates
languages = en
`;

/** Starts it in `folder` and waits until it describes itself. Its issuer ends with a slash. */
export async function startLemonldap(folder: string, redirectUri: string): Promise<Lemonldap> {
  const port = freePort();
  const issuer = `http://localhost:${port}/`;
  for (const name of ["conf", "sessions", "lock", "cache"]) mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, "conf/lmConf-1.json"),
    JSON.stringify(configuration(folder, issuer, redirectUri)),
  );
  writeFileSync(join(folder, "lemonldap-ng.ini"), ini(folder));
  const portal = join(folder, "portal.psgi");
  writeFileSync(portal, "use Lemonldap::NG::Portal; Lemonldap::NG::Portal->run({});\n");
  const at = ["--host", "127.0.0.1", "--port", String(port)];
  const child = Bun.spawn(["plackup", "-s", "HTTP::Server::PSGI", ...at, portal], {
    env: cleanEnv({ LLNG_DEFAULTCONFFILE: join(folder, "lemonldap-ng.ini") }),
    stdio: ["ignore", "ignore", "ignore"],
  });
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(`${issuer}.well-known/openid-configuration`).catch(() => null);
    if (answer?.ok) break;
    if (child.exitCode !== null || tries === 99) throw new Error("LemonLDAP::NG did not start");
    await Bun.sleep(200);
  }
  return {
    issuer,
    async stop() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
