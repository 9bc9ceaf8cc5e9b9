/** Houses that earlier versions left: this one takes each over, finds nothing wrong with it, and lets people in. */
import { Database } from "bun:sqlite";
import { beforeAll, expect, test } from "bun:test";
import { createPrivateKey } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TOTP } from "otpauth";
import { makeKeyring } from "../../src/identity/keyring.ts";
import { migrations } from "../../src/store/migrate.ts";
import { admin, type House, requireBinary, run, speak, startHouse } from "../binary.ts";
import { makeKey } from "../passkey/authenticator.ts";
import type { Facts } from "../releases/facts.ts";
import { releases, unpacked } from "../releases/unpacked.ts";

beforeAll(requireBinary);

const keptFacts = (data: string): Facts => JSON.parse(readFileSync(join(data, "facts.json"), "utf8"));

function pendingIn(data: string): string[] {
  using db = new Database(join(data, "housekey.db"), { readwrite: true, create: false });
  const applied = db.query("SELECT name FROM migrations").values().flat();
  return migrations.map(({ name }) => name).filter((name) => !applied.includes(name));
}

const grace = { username: "grace", password: "difference engine" };

test("there is a house of every schema there was", () => {
  expect(releases.length).toBeGreaterThanOrEqual(migrations.length);
});

test("between them they hold everything that has to work afterwards", () => {
  const facts = new Set<string>();
  let letters = 0;
  for (const release of releases) {
    using folder = unpacked(release);
    for (const name of Object.keys(keptFacts(folder.data))) facts.add(name);
    using db = new Database(join(folder.data, "housekey.db"), { readwrite: true, create: false });
    const [mails] = db.query("SELECT name FROM sqlite_schema WHERE name = 'mails'").values();
    if (mails) letters += Number(db.query("SELECT count(*) FROM mails").values()[0]?.[0]);
  }
  expect([...facts].sort()).toEqual(["apiKey", "backupCode", "passkey", "provider", "secret"]);
  expect(letters).toBeGreaterThan(0);
});

const signIn = (house: House, body: object) => speak(house, "POST", "/auth/local/login", { body });

/** Signs the admin in with the passkey of before; answers the status. */
async function usePasskey(house: House, { id, userHandle, jwk }: NonNullable<Facts["passkey"]>) {
  const key = makeKey({
    credentialId: Buffer.from(id, "base64url"),
    origin: house.url.replace("127.0.0.1", "localhost"),
  });
  const { body } = await speak(house, "POST", "/auth/passkeys/authenticate/options", { body: {} });
  const signWith = createPrivateKey({ key: jwk, format: "jwk" });
  const proof = await speak(house, "POST", "/auth/passkeys/authenticate/verify", {
    body: key.get(body, { signWith, userHandle }),
  });
  const { username: email, token } = proof.body;
  const signedIn = await speak(house, "POST", "/auth/sessions", {
    body: { method: "passkey", email, token },
  });
  return [proof.status, signedIn.status, signedIn.body.user?.username];
}

/** What is kept of the other provider, its secret opened with the master key of the folder. */
function secretOfProvider(data: string): string {
  using db = new Database(join(data, "housekey.db"), { readwrite: true, create: false });
  const [issuer, clientId, sealed] = db
    .query("SELECT issuer, client_id, sealed_secret FROM providers")
    .values()[0] as [string, string, string];
  const keys = makeKeyring(Buffer.from(readFileSync(join(data, "master.key"), "utf8"), "base64"));
  return keys.open("provider", `${issuer} ${clientId}`, sealed);
}

for (const release of releases)
  test(`the house of ${release} is taken over`, async () => {
    using folder = unpacked(release);
    const { secret, backupCode, apiKey, passkey, provider } = keptFacts(folder.data);
    const pending = pendingIn(folder.data);
    // Stopping it looks it over, too.
    const house = await startHouse({ cwd: folder.path });
    const { exitCode, stdout } = await run(["verify"], { cwd: folder.path });
    expect([exitCode, stdout.split("\n").filter((line) => !/: ok$|^$/.test(line))]).toEqual([0, []]);
    const { status, body } = await signIn(house, admin);
    expect([status, body.user.role]).toEqual([201, "admin"]);
    const { token } = body;
    expect((await speak(house, "GET", "/auth/sessions/current", { token })).status).toBe(200);
    if (secret !== null) {
      const code = new TOTP({ secret }).generate();
      expect((await signIn(house, { ...grace, code })).status).toBe(201);
    }
    if (backupCode !== undefined) {
      expect((await signIn(house, { ...grace, code: backupCode })).status).toBe(201);
      expect((await signIn(house, { ...grace, code: backupCode })).status).toBe(401);
    }
    if (apiKey !== undefined)
      expect((await speak(house, "GET", "/v1/auth/me", { token: apiKey })).status).toBe(200);
    if (passkey) expect(await usePasskey(house, passkey)).toEqual([200, 201, "ada"]);
    if (provider) {
      const shown = await speak(house, "GET", "/auth/provider/oidc", { token });
      expect(shown.body).toMatchObject({
        configured: true,
        enabled: true,
        issuer: provider.issuer,
        client_id: provider.clientId,
        has_client_secret: true,
      });
      expect(secretOfProvider(folder.data)).toBe(provider.clientSecret);
    }
    expect(await house.stop()).toBe(0);
    const copies = readdirSync(folder.data).filter((name) => name.startsWith("housekey.db.before-"));
    expect(copies).toEqual(
      pending.slice(0, 1).map((name) => `housekey.db.before-${name.replace(".sql", "")}`),
    );
    expect(existsSync(join(folder.data, "bootstrap-token"))).toBe(false);
  }, 30_000);
