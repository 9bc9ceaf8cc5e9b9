/** Rows to write, complete, with values that no test has to care about. */
import type { ApiKey } from "../../src/identity/api-key.ts";
import type { AuditEntry } from "../../src/identity/audit.ts";
import type { BootstrapToken } from "../../src/identity/bootstrap.ts";
import type { Ceremony } from "../../src/identity/ceremony.ts";
import type { Device } from "../../src/identity/device.ts";
import type { Invite } from "../../src/identity/invite.ts";
import type { Mail } from "../../src/identity/mail.ts";
import type { MailCode } from "../../src/identity/mail-code.ts";
import type { Passkey } from "../../src/identity/passkey.ts";
import type { Proof } from "../../src/identity/proof.ts";
import type { Recovery } from "../../src/identity/recovery.ts";
import type { RefreshToken } from "../../src/identity/refresh.ts";
import type { Session } from "../../src/identity/session.ts";
import type { SigningKey } from "../../src/identity/signing-key.ts";
import type { Tenant } from "../../src/identity/tenant.ts";
import type { Totp } from "../../src/identity/totp.ts";
import type { User } from "../../src/identity/user.ts";

const start = Date.UTC(2026, 0, 1);

export const minute = 60;
export const hour = 3600;
export const day = 86_400;

/** The moment `seconds` after the tests begin. */
export const at = (seconds: number): Date => new Date(start + seconds * 1000);

export const user = (name: string, facts: Partial<User> = {}): User => ({
  id: `usr_${name}`,
  username: name,
  email: null,
  emailVerified: false,
  name: null,
  role: "member",
  passwordHash: null,
  disabledAt: null,
  twoFactorAt: null,
  createdAt: at(0),
  ...facts,
});

/** Open, from the tests' beginning on, for thirty days. */
export const session = (name: string, owner: Pick<User, "id">, facts: Partial<Session> = {}): Session => ({
  id: `ses_${name}`,
  userId: owner.id,
  tokenHash: `hash_${name}`,
  kind: "web",
  device: null,
  ip: "127.0.0.1",
  userAgent: null,
  methods: ["pwd"],
  createdAt: at(0),
  lastSeenAt: at(0),
  expiresAt: at(30 * day),
  provedAt: null,
  endedAt: null,
  ...facts,
});

/** Live for a day. */
export const bootstrapToken = (name: string, facts: Partial<BootstrapToken> = {}): BootstrapToken => ({
  id: `bst_${name}`,
  tokenHash: `hash_${name}`,
  kind: "admin",
  note: null,
  createdBy: null,
  createdAt: at(0),
  expiresAt: at(day),
  spentAt: null,
  ...facts,
});

/** Good for a day, once. */
export const invite = (name: string, facts: Partial<Invite> = {}): Invite => ({
  id: `inv_${name}`,
  tokenHash: `hash_${name}`,
  email: null,
  role: "member",
  createdBy: null,
  createdAt: at(0),
  expiresAt: at(day),
  uses: 1,
  usesLeft: 1,
  ...facts,
});

/** Open for an hour. */
export const recovery = (name: string, owner: Pick<User, "id">, facts: Partial<Recovery> = {}): Recovery => ({
  userId: owner.id,
  tokenHash: `hash_${name}`,
  createdBy: null,
  createdAt: at(0),
  expiresAt: at(hour),
  ...facts,
});

export const auditEntry = (name: string, facts: Partial<AuditEntry> = {}): AuditEntry => ({
  id: `aud_${name}`,
  at: at(0),
  event: "signin.succeeded",
  actorId: null,
  userId: null,
  sessionId: null,
  ip: null,
  userAgent: null,
  methods: [],
  result: "ok",
  reason: null,
  ...facts,
});

/** Live for good, and never used. */
export const apiKey = (name: string, owner: Pick<User, "id">, facts: Partial<ApiKey> = {}): ApiKey => ({
  tokenHash: `hash_${name}`,
  id: `key_${name}`,
  userId: owner.id,
  name,
  prefix: "hk_000000",
  scopes: ["profile:read"],
  createdAt: at(0),
  lastUsedAt: null,
  expiresAt: null,
  sessionId: null,
  ...facts,
});

/** What people, clients and attackers put into a text. */
export const texts: Readonly<Record<string, string>> = {
  "no character": "",
  "255 characters": "x".repeat(255),
  "255 characters of four bytes": "🦊".repeat(255),
  "two directions and a combining mark": "Åsa e\u0301 中文 \u202Eמזל טוב 👩‍👩‍👧",
  "what SQL is made of": `'; DROP TABLE users; -- "x" \`y\` \\ %_ ? :a $1 \${b}`,
  "line ends and control characters": "a\r\nb\tc\u0001\u007f\u0085\u2028",
  "a number": "0123.50",
  "null in words": "null",
};

/** Before 1970, at it, past 2038, and the last of four digits; each to the millisecond. */
export const moments: readonly Date[] = [
  new Date(-1),
  new Date(0),
  new Date("2026-02-28T23:59:59.999Z"),
  new Date("2040-01-01T00:00:00.001Z"),
  new Date("9999-12-31T23:59:59.999Z"),
];

export const range = (length: number): number[] => Array.from({ length }, (_, n) => n);

/** Starts `ask` fifty times at once; answers what came back and was not `null`. */
export async function winners<T>(ask: (n: number) => Promise<T | null>): Promise<T[]> {
  const answers = await Promise.all(range(50).map(ask));
  return answers.filter((answer) => answer !== null);
}

/** A promise to wait for and the way to keep it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** A list from its beginning. */
export const all = { after: null, limit: 1000 };

/** One turn of the event loop: whatever could have run by itself has. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const codeKey = { address: "ada@example.com", purpose: "login", asker: "127.0.0.1" } as const;

export const mailCode = (facts: Partial<MailCode> = {}): MailCode => ({
  ...codeKey,
  codeMac: "mac",
  sealed: null,
  createdAt: at(0),
  expiresAt: at(600),
  ...facts,
});

export const mail = (name: string, facts: Partial<Mail> = {}): Mail => ({
  id: `mai_${name}`,
  sealed: "sealed",
  createdAt: at(0),
  nextAt: at(0),
  staleAt: at(day),
  tries: 0,
  ...facts,
});

export const refreshToken = (sessionId: string, facts: Partial<RefreshToken> = {}): RefreshToken => ({
  tokenHash: "hash_refresh",
  sessionId,
  createdAt: at(0),
  expiresAt: at(day),
  rotatedAt: null,
  ...facts,
});

export const signingKey = (kid: string, facts: Partial<SigningKey> = {}): SigningKey => ({
  kid,
  publicJwk: { kty: "RSA", n: "n", e: "AQAB", kid },
  sealed: "sealed",
  createdAt: at(0),
  verifiesUntil: null,
  ...facts,
});

export const tenant = (owner: User): Tenant => ({
  id: "ten_a",
  name: "Ada's",
  ownerId: owner.id,
  createdAt: at(0),
});

/** On, with no step spent. */
export const totp = (owner: Pick<User, "id">, facts: Partial<Totp> = {}): Totp => ({
  userId: owner.id,
  sealed: "sealed",
  lastStep: -1,
  createdAt: at(0),
  pendingUntil: null,
  ...facts,
});

/** Live for five minutes. */
export const proof = (name: string, owner: Pick<User, "id">, facts: Partial<Proof> = {}): Proof => ({
  tokenHash: `hash_${name}`,
  purpose: "second",
  userId: owner.id,
  methods: ["pwd"],
  sealedLink: null,
  tries: 0,
  createdAt: at(0),
  expiresAt: at(300),
  ...facts,
});

/** Never used, on one device. */
export const passkey = (name: string, owner: Pick<User, "id">, facts: Partial<Passkey> = {}): Passkey => ({
  id: `psk_${name}`,
  userId: owner.id,
  rpId: "localhost",
  credentialId: `credential_${name}`,
  publicKey: "key",
  counter: 0,
  name,
  deviceType: "singleDevice",
  backedUp: false,
  transports: [],
  aaguid: "00000000-0000-0000-0000-000000000000",
  createdAt: at(0),
  lastUsedAt: null,
  ...facts,
});

/** Open for five minutes, for a sign-in without a name. */
export const ceremony = (name: string, facts: Partial<Ceremony> = {}): Ceremony => ({
  challengeHash: `hash_${name}`,
  purpose: "authenticate",
  asker: "address 127.0.0.1",
  userId: null,
  named: false,
  createdAt: at(0),
  expiresAt: at(300),
  ...facts,
});

/** Pending for ten minutes, made by whoever has it. */
export const device = (name: string, facts: Partial<Device> = {}): Device => ({
  id: `dev_${name}`,
  codeMac: `mac_${name}`,
  tokenHash: `hash_${name}`,
  kind: "mobile",
  status: "pending",
  ip: "10.0.0.7",
  userAgent: null,
  device: null,
  createdBy: null,
  decidedBy: null,
  decidedIn: null,
  createdAt: at(0),
  expiresAt: at(600),
  decidedAt: null,
  claimedAt: null,
  ...facts,
});
