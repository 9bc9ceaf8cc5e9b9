import { hash, randomBytes } from "node:crypto";

/** A bearer secret of `bytes` random bytes as its holder carries it: lower-case hex. */
export function mintSecret(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}

/** What is kept of a bearer secret. It has far too many bits to be guessed, so a fast hash is the right one. */
export function hashSecret(secret: string): string {
  return hash("sha256", secret, "base64url");
}
