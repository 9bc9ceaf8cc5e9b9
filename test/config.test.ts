import { expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig, type Sources } from "../src/config.ts";

const folder = mkdtempSync(join(tmpdir(), "housekey-config-"));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const read = (sources: Partial<Sources>) => readConfig({ flags: {}, env: {}, ...sources });
const refusal = (sources: Partial<Sources>): string => {
  try {
    read(sources);
    return "accepted";
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
};

/** A good text of every name, and what it means. */
const good: Record<string, readonly [string, unknown]> = {
  HOUSEKEY_HOST: ["127.0.0.1", "127.0.0.1"],
  HOUSEKEY_PORT: ["0", 0],
  HOUSEKEY_URL: ["https://Auth.Example.org:443/", "https://auth.example.org"],
  HOUSEKEY_ORIGINS: [
    "https://a.example, myapp:// android:apk-key-hash:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ["https://a.example", "myapp://", "android:apk-key-hash:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
  ],
  HOUSEKEY_TRUSTED_PROXIES: ["10.0.0.0/8,fd00::1", ["10.0.0.0/8", "fd00::1"]],
  HOUSEKEY_BOOTSTRAP_TOKEN: ["x".repeat(32), "x".repeat(32)],
  HOUSEKEY_MASTER_KEY: [Buffer.alloc(32, 1).toString("base64"), new Uint8Array(32).fill(1)],
  HOUSEKEY_REGISTRATION: ["invite", "invite"],
  HOUSEKEY_SMTP_URL: ["smtps://user:p%40ss@mail.example.org", "smtps://user:p%40ss@mail.example.org"],
  HOUSEKEY_MAIL_FROM: ["House <house@example.org>", "House <house@example.org>"],
  HOUSEKEY_GOOGLE_CLIENT_ID: ["id", "id"],
  HOUSEKEY_GOOGLE_ISSUER: ["https://accounts.google.com", "https://accounts.google.com"],
  HOUSEKEY_ACCESS_TTL: ["24h", 86_400],
  HOUSEKEY_REFRESH_TTL: ["7d", 604_800],
  HOUSEKEY_SESSION_TTL: ["30d", 2_592_000],
  HOUSEKEY_SESSION_IDLE: ["45m", 2700],
  HOUSEKEY_FRESH: ["90s", 90],
  HOUSEKEY_ARGON2_MEMORY_KIB: ["47104", 47_104],
  HOUSEKEY_ARGON2_PASSES: ["1", 1],
  HOUSEKEY_PASSWORD_MIN: ["15", 15],
  HOUSEKEY_LIMIT_SIGNIN: ["10/1m", { count: 10, seconds: 60 }],
  HOUSEKEY_LIMIT_REGISTER: ["off", "off"],
  HOUSEKEY_LIMIT_REFRESH: ["1/1h", { count: 1, seconds: 3600 }],
  HOUSEKEY_LIMIT_DEVICE: ["10/1h", { count: 10, seconds: 3600 }],
  HOUSEKEY_LIMIT_POLL: ["30/60s", { count: 30, seconds: 60 }],
  HOUSEKEY_LIMIT_BOOTSTRAP: ["5/1m", { count: 5, seconds: 60 }],
  HOUSEKEY_LOG: ["json", "json"],
  HOUSEKEY_LOG_LEVEL: ["debug", "debug"],
  HOUSEKEY_METRICS_TOKEN: ["secret", "secret"],
};

const bad: Record<string, readonly string[]> = {
  HOUSEKEY_PORT: ["x", "-1", "65536", "1.5", "", "0x10", "８"],
  HOUSEKEY_URL: [
    "auth.example.org",
    "https://a/b",
    "https://a?b",
    "https://u@a",
    "ftp://a",
    "https://",
    "https://a\\b",
  ],
  HOUSEKEY_ORIGINS: ["https://a/b", "a.example", "android:apk-key-hash:short"],
  HOUSEKEY_TRUSTED_PROXIES: ["10.0.0.0/33", "10.0.0", "::/129", "10.0.0.1/8/8", "proxy"],
  HOUSEKEY_BOOTSTRAP_TOKEN: ["x".repeat(31), `${"x".repeat(32)} y`],
  HOUSEKEY_MASTER_KEY: ["short", Buffer.alloc(31).toString("base64"), "!".repeat(44)],
  HOUSEKEY_REGISTRATION: ["yes", "Open"],
  HOUSEKEY_SMTP_URL: ["mail.example.org", "http://mail.example.org"],
  HOUSEKEY_ACCESS_TTL: ["24", "1y", "0s", "-1h", "1.5h", "forever"],
  HOUSEKEY_ARGON2_MEMORY_KIB: ["64", "9999999"],
  HOUSEKEY_ARGON2_PASSES: ["0", "17"],
  HOUSEKEY_PASSWORD_MIN: ["5", "65"],
  HOUSEKEY_LIMIT_SIGNIN: ["10", "0/1m", "10/m", "Off", "10/1m/1m"],
  HOUSEKEY_LOG: ["xml"],
  HOUSEKEY_LOG_LEVEL: ["loud"],
  HOUSEKEY_COOKIE_DOMAIN: [".example.org", "org", "Example.org"],
};

test("every name of the contract is understood, as a variable, in the file, and as a flag unless it is a secret", () => {
  for (const [name, [text, value]] of Object.entries(good)) {
    const key = name.slice("HOUSEKEY_".length).toLowerCase();
    expect(read({ env: { [name]: text } }).values).toEqual({ [key]: value } as object);
    const path = file("one.toml", `${key} = ${JSON.stringify(text)}\n`);
    expect(read({ file: path }).values).toEqual({ [key]: value } as object);
    const flag = refusal({ flags: { [key]: text } });
    const secret = ["bootstrap_token", "master_key", "smtp_url", "metrics_token"].includes(key);
    expect([name, flag.includes("would show the secret")]).toEqual([name, secret]);
  }
  const url = "https://auth.example.org";
  expect(read({ env: { HOUSEKEY_COOKIE_DOMAIN: "example.org", HOUSEKEY_URL: url } }).values).toMatchObject({
    cookie_domain: "example.org",
  });
});

test("a bad value is named with what was expected, in one line; a secret is not repeated", () => {
  for (const [name, texts] of Object.entries(bad))
    for (const text of texts) {
      const message = refusal({ env: { [name]: text } });
      expect([text, message.startsWith(`${name}`), message.includes("expected ")]).toEqual([
        text,
        true,
        true,
      ]);
      expect(message).not.toContain("\n");
    }
  expect(refusal({ env: { HOUSEKEY_BOOTSTRAP_TOKEN: "hunter2" } })).not.toContain("hunter2");
});

test("flags beat the environment, the environment beats the file, and all of them are judged", () => {
  const path = file("order.toml", 'port = 1\nhost = "a"\nlog = "json"\norigins = ["https://a.example"]\n');
  const sources = { file: path, env: { HOUSEKEY_PORT: "2", HOUSEKEY_HOST: "b" }, flags: { port: "3" } };
  expect(read(sources).values).toMatchObject({
    port: 3,
    host: "b",
    log: "json",
    origins: ["https://a.example"],
  });
  expect(refusal({ ...sources, env: { HOUSEKEY_PORT: "x" } })).toContain("HOUSEKEY_PORT");
});

test("the file in the data folder is read unless another is named", () => {
  const data = mkdtempSync(join(tmpdir(), "housekey-data-"));
  writeFileSync(join(data, "housekey.toml"), "port = 7\n");
  expect(read({ env: { HOUSEKEY_DATA: data } })).toMatchObject({ data, values: { port: 7 } });
  expect(read({ env: { HOUSEKEY_DATA: data }, file: file("other.toml", "port = 8\n") }).values.port).toBe(8);
  expect(read({}).data).toBe(join(process.cwd(), "housekey-data"));
});

test("a secret is read from a file that NAME_FILE names", () => {
  const path = file("token", `${"t".repeat(40)}\n`);
  expect(read({ env: { HOUSEKEY_BOOTSTRAP_TOKEN_FILE: path } }).values.bootstrap_token).toBe("t".repeat(40));
  expect(read({ flags: { bootstrap_token_file: path } }).values.bootstrap_token).toBe("t".repeat(40));
  expect(refusal({ env: { HOUSEKEY_METRICS_TOKEN_FILE: "/nowhere/x" } })).toContain("cannot read /nowhere/x");
  expect(refusal({ env: { HOUSEKEY_HOST_FILE: path } })).toContain("is not a setting");
});

test("an unknown name stops the start and a near one is suggested", () => {
  expect(refusal({ env: { HOUSEKEY_PROT: "1" } })).toBe(
    "HOUSEKEY_PROT is not a setting; did you mean HOUSEKEY_PORT?",
  );
  expect(refusal({ env: { HOUSEKEY_NONSENSE: "1" } })).toBe("HOUSEKEY_NONSENSE is not a setting");
  expect(refusal({ file: file("unknown.toml", "prot = 1\n") })).toStartWith("prot in ");
  expect(refusal({ file: file("table.toml", "[port]\nx = 1\n") })).toContain("expected a plain value");
  expect(refusal({ file: file("broken.toml", "port = \n") })).toStartWith("cannot read ");
  expect(refusal({ file: "/nowhere/housekey.toml" })).toStartWith("cannot read /nowhere/housekey.toml");
  expect(refusal({ env: { HOUSEKEYS: "1", OTHER: "1" } })).toBe("accepted");
});

test("what a container platform injects is passed over with a line", () => {
  const env = {
    HOUSEKEY_PORT: "tcp://10.0.0.1:8420",
    HOUSEKEY_PORT_8420_TCP: "tcp://10.0.0.1:8420",
    HOUSEKEY_SERVICE_HOST: "10.0.0.1",
  };
  const { values, notes } = read({ env });
  expect(values).toEqual({});
  expect(notes).toHaveLength(3);
  for (const name of Object.keys(env)) expect(notes.some((note) => note.startsWith(`${name} `))).toBe(true);
});

test("settings that contradict each other stop the start", () => {
  expect(refusal({ env: { HOUSEKEY_TLS_CERT: "a" } })).toContain("go together");
  const domain = { HOUSEKEY_COOKIE_DOMAIN: "example.org" };
  expect(refusal({ env: domain })).toContain("HOUSEKEY_URL");
  expect(refusal({ env: { ...domain, HOUSEKEY_URL: "http://auth.example.org" } })).toContain("https");
  expect(refusal({ env: { ...domain, HOUSEKEY_URL: "https://auth.example.com" } })).toContain(
    "parent domain",
  );
  expect(refusal({ env: { ...domain, HOUSEKEY_URL: "https://badexample.org" } })).toContain("parent domain");
});
