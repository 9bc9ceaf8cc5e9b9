/** Nobody is asked about the make of an authenticator, whatever it says of itself (WA-8). */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import type { Appliance } from "../harness.ts";
import { makeKey } from "./authenticator.ts";
import { enrol, type Holder, lastReason, openHouse, passkeysOf } from "./house.ts";

let house: Appliance;
let ada: Holder;

beforeAll(async () => {
  ({ house, ada } = await openHouse());
});

afterAll(() => house[Symbol.asyncDispose]());

for (const fmt of [
  "packed",
  "tpm",
  "fido-u2f",
  "android-key",
  "android-safetynet",
  "apple",
  "compound",
  "NONE",
  "",
])
  test(`an attestation of format "${fmt}" is refused, and nobody is asked about it`, async () => {
    let connections = 0;
    const listener = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: () => void connections++,
        data() {},
      },
    });
    try {
      const url = `http://127.0.0.1:${listener.port}/list.crl`;
      const attStmt = new Map<unknown, unknown>([
        ["alg", -7],
        ["ver", "2.0"],
        ["sig", Buffer.alloc(70)],
        ["x5c", [certificateNaming(url)]],
      ]);
      const answer = await enrol(house, ada.token, makeKey(), { fmt, attStmt });
      expect([answer.status, answer.body.error.code]).toEqual([400, "PASSKEY_REJECTED"]);
      expect(await lastReason(house)).toBe("attestation");
      expect(await passkeysOf(house, ada)).toHaveLength(1);
      expect(connections).toBe(0);
    } finally {
      listener.stop(true);
    }
  });

/** As much of a certificate as has a CRL distribution point in it (RFC 5280 §4.2.1.13). */
function certificateNaming(url: string): Buffer {
  const der = (tag: number, ...parts: Uint8Array[]) => {
    const body = Buffer.concat(parts);
    const size = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
    return Buffer.concat([Buffer.from([tag, ...size]), body]);
  };
  const oid = (hex: string) => der(6, Buffer.from(hex, "hex"));
  const points = der(0x30, der(0x30, der(0xa0, der(0xa0, der(0x86, Buffer.from(url))))));
  const extensions = der(0xa3, der(0x30, der(0x30, oid("551d1f"), der(4, points))));
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der(0x30, oid("2a8648ce3d040302"));
  const name = der(0x30);
  const time = der(0x17, Buffer.from("260101000000Z"));
  const body = der(
    0x30,
    der(0xa0, der(2, Buffer.from([2]))),
    der(2, Buffer.from([1])),
    algorithm,
    name,
    der(0x30, time, time),
    name,
    publicKey.export({ format: "der", type: "spki" }),
    extensions,
  );
  return der(0x30, body, algorithm, der(3, Buffer.alloc(71)));
}
