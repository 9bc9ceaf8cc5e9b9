/** WebAuthn Level 3 §16: the vectors of the specification, at the functions that judge. */
import { describe, expect, test } from "bun:test";
import {
  type Assertion,
  type Reason,
  Unacceptable,
  verifyAssertion,
  verifyCreation,
} from "../../src/identity/webauthn.ts";
import { BE, UV } from "./authenticator.ts";
import { type Vector, vectors } from "./vectors.ts";

const party = { id: "example.org", origins: ["https://example.org"] };
const all = vectors();
const framed = ["none.ES256.crossOrigin", "none.ES256.topOrigin"];

const text = (bytes: Buffer): string => bytes.toString("base64url");

const knownOf = ({ credentialId, publicKey, flags }: Vector) => ({
  credentialId: text(credentialId),
  publicKey: text(publicKey),
  counter: 0,
  deviceType: flags & BE ? ("multiDevice" as const) : ("singleDevice" as const),
});

function answerOf({ credentialId, assertion }: Vector): Assertion {
  const { clientDataJSON, authenticatorData, signature } = assertion;
  const response = {
    clientDataJSON: text(clientDataJSON),
    authenticatorData: text(authenticatorData),
    signature: text(signature),
  };
  return { id: text(credentialId), rawId: text(credentialId), type: "public-key", response };
}

function creationOf({ credentialId, creation }: Vector) {
  const response = {
    clientDataJSON: text(creation.clientDataJSON),
    attestationObject: text(creation.attestationObject),
  };
  return { id: text(credentialId), rawId: text(credentialId), type: "public-key", response };
}

async function reasonOf(judge: Promise<unknown>): Promise<Reason | null> {
  try {
    await judge;
    return null;
  } catch (error) {
    if (error instanceof Unacceptable) return error.reason;
    throw error;
  }
}

/** As they stand in the specification: the beginning of what each key signed. */
const published: Readonly<Record<string, string>> = {
  "none.ES256": "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd38",
  "packed-self.ES256": "304402203310b9431903c401f1be2bdc8d23a4007682dbbddcf846994947b7f465daf840",
  "none.ES256.topOrigin": "3045022100b5a70c81780d5fcc9a4f2ae9caae99058f8accaf58b91fb59329646c28ac6ffc",
  "none.ES256.long-credential-id": "304502203ecef83fb12a0cae7841055f9f87103a99fd14b424194bbf06c4623d3ee6e3fd",
  "packed.ES256": "30450220694969d3ee928de6f02ef23a9c644d7d779916451734a94b432542f498a1ebe9",
  "packed.RS256": "01063d52d7c39b4d432fc7063c5d93e582bdcb16889cd71f888d67d880ea730a428498d3",
  "packed.EdDSA": "f5c59c7e46c34f6f8cc197101ddf9934fa2595f68eb1913a637e8419eb9ba4cfdfc48f85",
};

test("the recipe makes what the specification prints", () => {
  const made = all.filter(({ name }) => name in published);
  expect(made).toHaveLength(Object.keys(published).length);
  for (const { name, assertion } of made)
    expect([name, assertion.signature.toString("hex").startsWith(published[name] ?? "none")]).toEqual([
      name,
      true,
    ]);
  const [none] = all;
  expect(none?.credentialId.toString("hex")).toBe(
    "f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4",
  );
  expect(none?.creation.attestationObject.toString("hex")).toBe(
    "a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220",
  );
});

for (const vector of all.filter(({ name }) => !framed.includes(name)))
  describe(vector.name, () => {
    const { authenticatorData } = vector.assertion;
    // Half of the vectors are of authenticators that verified nobody, which this house refuses, but only then.
    const expected = authenticatorData.readUInt8(32) & UV ? null : "user_unverified";

    test("its signature verifies", async () => {
      expect(await reasonOf(verifyAssertion(party, knownOf(vector), answerOf(vector)))).toBe(expected);
    });

    test("with any one bit flipped it does not", async () => {
      const { signature, clientDataJSON } = vector.assertion;
      const bits: [keyof Vector["assertion"], Buffer, number][] = [
        ["signature", signature, signature.length * 8 - 1],
        ["signature", signature, 8 * 40],
        // Of the counter: it is signed like all the rest.
        ["authenticatorData", authenticatorData, 36 * 8],
        // Of a letter at the end, behind all that is compared.
        ["clientDataJSON", clientDataJSON, (clientDataJSON.length - 3) * 8],
      ];
      for (const [field, whole, bit] of bits) {
        const bytes = Buffer.from(whole);
        bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        const bent = { ...vector, assertion: { ...vector.assertion, [field]: bytes } };
        const reason = await reasonOf(verifyAssertion(party, knownOf(vector), answerOf(bent)));
        expect([field, bit, ["signature", "cross_origin", "malformed"].includes(reason ?? "")]).toEqual([
          field,
          bit,
          true,
        ]);
      }
    });

    test("it is nobody else's", async () => {
      for (const other of all.filter(({ name }) => name !== vector.name)) {
        const known = { ...knownOf(vector), publicKey: text(other.publicKey) };
        expect(await reasonOf(verifyAssertion(party, known, answerOf(vector)))).toBe("signature");
      }
    });
  });

for (const name of framed)
  test(`${name} is refused, at a registration and at a sign-in`, async () => {
    const vector = all.find((one) => one.name === name);
    if (!vector) throw new Error("no such vector");
    expect(await reasonOf(verifyCreation(party, creationOf(vector)))).toBe("cross_origin");
    expect(await reasonOf(verifyAssertion(party, knownOf(vector), answerOf(vector)))).toBe("cross_origin");
  });

test("a registration is taken when it attests nothing and its user was verified, and no other is", async () => {
  const judged = await Promise.all(all.map((one) => reasonOf(verifyCreation(party, creationOf(one)))));
  for (const [n, { name, flags }] of all.entries()) {
    const unattested = flags & UV ? null : "user_unverified";
    const expected = name.startsWith("none") ? unattested : "attestation";
    expect([name, judged[n]]).toEqual([name, framed.includes(name) ? "cross_origin" : (expected as Reason)]);
  }
});
