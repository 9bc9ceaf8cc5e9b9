/** The age format with a passphrase (age-encryption.org/v1): `age -d` opens it. Loaded on first use. */
import { BadArchive, damaged } from "./bad.ts";
import { type Bytes, toStream } from "./bytes.ts";

export const ageMark = "age-encryption.org/v1\n";

export async function encrypt(source: Bytes, passphrase: string): Promise<Bytes> {
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  return encrypter.encrypt(toStream(source));
}

/** Throws `BadArchive` when the passphrase is another, or, while it is read, when a byte is. */
export async function* decrypt(source: Bytes, passphrase: string): AsyncGenerator<Uint8Array> {
  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  let plain: Bytes;
  try {
    plain = await decrypter.decrypt(toStream(source));
  } catch (error) {
    throw /no identity matched/.test(String(error))
      ? new BadArchive("was encrypted with another passphrase")
      : damaged();
  }
  try {
    yield* plain;
  } catch {
    throw damaged();
  }
}
