/** What the SPA surface tells about two-factor. */
import type { Endpoint, Success } from "../../http/openapi-answers.ts";
import {
  flag,
  list,
  nullable,
  object,
  ref,
  type Schemas,
  text,
  time,
  whole,
} from "../../http/openapi-schema.ts";

const codes = () => ({ ...list(text("7k3mq-x9c2p")), description: "Each works once. Shown this once." });

export const twoFactorSchemas: Schemas = {
  TwoFactorStatus: object({
    enabled: flag(false),
    enabled_at: nullable(time("2026-01-01T00:00:00.000Z"), null),
    backup_codes_left: whole(0),
  }),
  TwoFactorSetUp: object({
    secret: { ...text("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), description: "Base32, to be typed by hand." },
    provisioning_uri: text(
      "otpauth://totp/Housekey%20auth.example.org:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    ),
    qr_svg: { ...text("<svg></svg>"), description: "The same as a picture, to be scanned." },
  }),
  TwoFactorEnabled: object({
    enabled: { type: "boolean", enum: [true], example: true },
    backup_codes: codes(),
  }),
  BackupCodes: object({ backup_codes: codes() }),
};

const change = { permission: "factors:write", fresh: true } as const;
const ok = (description: string, name: string): Success => ({ status: 200, description, schema: ref(name) });

export const twoFactorEndpoints: Readonly<Record<string, Endpoint>> = {
  "GET /api/v1/auth/2fa/status": {
    tag: "Two-factor",
    summary: "Whether sign-ins ask for a code",
    who: {},
    answers: [ok("Since when, and how many backup codes are left.", "TwoFactorStatus")],
  },
  "POST /api/v1/auth/2fa/setup": {
    tag: "Two-factor",
    summary: "Get a secret for an authenticator app",
    description: "It waits fifteen minutes for its first code; asking again voids the one before.",
    who: change,
    answers: [ok("What the app is given.", "TwoFactorSetUp")],
    refuses: ["ALREADY_ENABLED"],
  },
  "POST /api/v1/auth/2fa/enable": {
    tag: "Two-factor",
    summary: "Switch two-factor on, with the app's first code",
    description: "Ends the account's other sessions.",
    who: change,
    request: { code: "492817" },
    answers: [ok("It is on, and these are the backup codes.", "TwoFactorEnabled")],
    refuses: ["ALREADY_ENABLED", "INVALID_CODE", "NOT_ENABLED"],
  },
  "POST /api/v1/auth/2fa/disable": {
    tag: "Two-factor",
    summary: "Switch two-factor off",
    description: "Takes a code of the app or a backup code. Ends the account's other sessions.",
    who: change,
    request: { code: "492817" },
    answers: [{ status: 204, description: "It is off." }],
    refuses: ["INVALID_CODE", "NOT_ENABLED"],
  },
  "POST /api/v1/auth/2fa/verify": {
    tag: "Two-factor",
    summary: "Answer a challenge with the second factor",
    description: "Takes a code of the app or a backup code. The fifth wrong one ends the challenge.",
    request: { challenge_token: "3f9c0a71d2e48b56".repeat(4), code: "492817" },
    answers: [ok("Signed in.", "Tokens")],
    refuses: ["ACCOUNT_DISABLED", "INVALID_CHALLENGE", "INVALID_CODE"],
  },
  "POST /api/v1/auth/2fa/backup-codes/regenerate": {
    tag: "Two-factor",
    summary: "Make new backup codes",
    description: "The old ones are void. Ends the account's other sessions.",
    who: change,
    answers: [ok("Ten new ones.", "BackupCodes")],
    refuses: ["NOT_ENABLED"],
  },
};
