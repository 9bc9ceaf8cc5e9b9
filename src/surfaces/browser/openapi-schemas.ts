/** What the browser surface's answers look like; `wire.ts` and its neighbours write them. */
import {
  choice,
  flag,
  id,
  list,
  map,
  nullable,
  object,
  ref,
  type Schemas,
  secret,
  text,
  time,
  whole,
} from "../../http/openapi-schema.ts";
import { auditEvents } from "../../identity/audit.ts";
import { permissionsOf } from "../../identity/permission.ts";
import { sessionKinds, signInMethods } from "../../identity/session.ts";

const made = () => time("2026-01-31T12:00:00.000Z");
const ends = () => time("2026-03-02T12:00:00.000Z");
const role = () => choice("admin", "member");
const email = () => nullable(text("ada@example.com"));
const next = (prefix: string) => ({
  ...nullable(id(prefix), null),
  description: "Where the next piece begins; null when this is the last.",
});

const user = {
  id: id("usr"),
  username: text("ada"),
  email: email(),
  email_verified: flag(false),
  name: nullable(text("Ada Lovelace")),
  role: role(),
  two_factor_enabled: flag(false),
  created_at: made(),
};

const step = {
  name: text("certificate"),
  ok: flag(true),
  message: { ...text("good for mail.example.org"), description: "What was found." },
  fix: { ...text("Set HOUSEKEY_URL."), description: "What to do about it." },
};

const seconds = (example: number) => ({ ...whole(example), description: "In seconds." });

const settings = {
  url: text("https://auth.example.org"),
  url_is_set: flag(true),
  registration: choice("closed", "invite", "open"),
  local_login: flag(true),
  mail_login: flag(true),
  audit_days: whole(365),
  lifetimes: object({
    access: seconds(86_400),
    refresh: seconds(604_800),
    session: seconds(2_592_000),
    idle: seconds(604_800),
    fresh: seconds(900),
  }),
  cookie_domain: nullable(text("example.org"), null),
  forward_bypass: {
    ...list(object({ host: text("app.example.org"), path_prefix: text("/public") })),
    description: "Paths of guarded applications that are open to everybody.",
  },
  forward_hosts: {
    ...list(
      object({
        host: text("app.example.org"),
        first_seen: made(),
        last_seen: time("2026-01-31T13:00:00.000Z"),
      }),
    ),
    description: "Guarded applications under the cookie domain, as they were seen, the latest first.",
  },
  fixed: {
    ...list(text("lifetimes.session")),
    description: "What the environment decides; patching it is refused.",
  },
};

const session = {
  id: id("ses"),
  kind: choice(...sessionKinds),
  device: nullable(text("Firefox on Linux")),
  ip: text("192.168.1.20"),
  user_agent: nullable(text("Mozilla/5.0 (X11; Linux x86_64)")),
  created_at: made(),
  last_seen_at: made(),
  expires_at: ends(),
  current: flag(true),
  methods: list(choice(...signInMethods)),
};

const auditLine = {
  id: id("aud"),
  at: made(),
  event: { ...choice(...auditEvents), example: "signin.succeeded" },
  actor_id: nullable(id("usr")),
  user_id: nullable(id("usr")),
  session_id: nullable(id("ses")),
  ip: nullable(text("192.168.1.20")),
  user_agent: nullable(text("Mozilla/5.0 (X11; Linux x86_64)")),
  methods: list(choice(...signInMethods)),
  result: choice("ok", "refused"),
  reason: nullable(text("INVALID_CREDENTIALS"), null),
};

const day = {
  date: { type: "string", format: "date", example: "2026-01-31" },
  sign_ins: whole(3),
  failures: whole(1),
  new_accounts: whole(0),
  by_method: map(whole(3), { pwd: 3 }),
};

export const schemas: Schemas = {
  AddressAsked: object({ status: choice("verification_required") }),
  User: object(user),
  ManagedUser: object({ ...user, disabled: flag(false) }),
  Users: object({ users: list(ref("ManagedUser")), next: next("usr") }),
  NewUser: object(
    {
      user: ref("ManagedUser"),
      setup_url: text(`https://auth.example.org/recover#token=${"ab12".repeat(12)}`),
    },
    "setup_url",
  ),
  Session: object(session),
  Current: object({ session: nullable(object(session)), user: ref("User") }),
  ApiKey: object({
    id: id("key"),
    name: text("nightly backup"),
    prefix: { ...text("hk_2m7Qxa"), description: "How the key begins, to tell one from another." },
    scopes: list({ ...choice(...permissionsOf("admin")), example: "profile:read" }),
    created_at: made(),
    last_used_at: nullable(made()),
    expires_at: { ...nullable(ends()), description: "Null: never." },
  }),
  SignedIn: object({
    token: secret(96),
    token_type: choice("Bearer"),
    expires_at: ends(),
    user: ref("User"),
  }),
  Permissions: object({
    role: role(),
    permissions: list({ ...choice(...permissionsOf("admin")), example: "sessions:read" }),
  }),
  SessionStats: object({
    active: whole(4),
    users: whole(2),
    by_kind: object(Object.fromEntries(sessionKinds.map((kind) => [kind, whole(kind === "web" ? 4 : 0)]))),
    last_24h: object({ created: whole(1), ended: whole(0), expired: whole(0) }),
    oldest_created_at: nullable(made()),
  }),
  Options: object({
    bootstrapped: flag(true),
    registration: choice("closed", "invite", "open"),
    local_login: flag(true),
    mail_login: flag(true),
    password_min: whole(8),
    mail: flag(false),
    oidc: nullable(object({ name: text("Company sign-in") }), null),
    google_client_id: nullable(text("1234.apps.example.com"), null),
    cookie_domain: nullable(text("example.org"), null),
    former_rp_id: nullable(text("old.example.org"), null),
    url: text("http://localhost:8420"),
    url_is_set: flag(false),
    seen: object({ origin: text("http://localhost:8420"), proxy: choice("none", "trusted", "untrusted") }),
  }),
  Settings: object(settings),
  MailTest: object({ ok: flag(true), steps: list(ref("Step")), transcript: list(text("S: 220 ready")) }),
  Steps: object({ ok: flag(true), steps: list(ref("Step")) }),
  Step: object(step, "fix"),
  BootstrapToken: object({
    id: id("bst"),
    note: nullable(text("for Grace")),
    created_by: nullable(id("usr")),
    created_at: made(),
    expires_at: ends(),
  }),
  NewBootstrapToken: object({ id: id("bst"), token: secret(48), expires_at: ends() }),
  Invite: object({
    id: id("inv"),
    email: email(),
    role: role(),
    uses: whole(1),
    uses_left: whole(1),
    created_by: nullable(id("usr")),
    created_at: made(),
    expires_at: ends(),
  }),
  Invites: object({ invites: list(ref("Invite")), next: next("inv") }),
  NewInvite: object({
    id: id("inv"),
    token: secret(48),
    url: text(`https://auth.example.org/invite#token=${"ab12".repeat(12)}`),
    expires_at: ends(),
  }),
  InviteInfo: object({ email: text("grace@example.com"), expires_at: ends() }, "email"),
  RecoveryInfo: object({ username: text("ada"), expires_at: ends() }),
  RecoveryLink: object({
    url: text(`https://auth.example.org/recover#token=${"ab12".repeat(12)}`),
    expires_at: ends(),
  }),
  AuditLine: object(auditLine),
  Audit: object({ events: list(ref("AuditLine")), next: next("aud") }),
  Day: object(day),
};
