/** The published vectors of RFC 4226 Appendix D and RFC 6238 Appendix B, and a second opinion by `oathtool`. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { enrolTotp, spendTotp } from "../../src/identity/totp.ts";
import { startAppliance } from "../harness.ts";
import { codeAt, codeOfStep } from "./app.ts";

/** "12345678901234567890" in base32: the secret of both appendices. */
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/** RFC 4226 Appendix D: counter, code. */
const hotp = [
  "755224",
  "287082",
  "359152",
  "969429",
  "338314",
  "254676",
  "287922",
  "162583",
  "399871",
  "520489",
];

/** RFC 6238 Appendix B, SHA-1: seconds, eight digits of which ours are the last six. */
const totp: readonly [number, string][] = [
  [59, "94287082"],
  [1_111_111_109, "07081804"],
  [1_111_111_111, "14050471"],
  [1_234_567_890, "89005924"],
  [2_000_000_000, "69279037"],
  [20_000_000_000, "65353130"],
];

/** Ada's app with the appendices' secret, as if she had been given it long ago. */
async function ada() {
  const house = await startAppliance();
  const user = await house.addUser("ada");
  const sealed = house.core.keys.seal("totp", user.id, secret);
  const row = { userId: user.id, sealed, lastStep: -1, createdAt: new Date(0), pendingUntil: null };
  await house.core.store.write(async (tx) => {
    await tx.totps.put(row);
    await tx.users.update(user.id, { twoFactorAt: new Date(0) });
  });
  const spend = (code: string) => house.core.store.write((tx) => spendTotp(house.core, tx, user.id, code));
  /** Spends `code` at so many seconds since 1970, as if nothing had been spent before. */
  const spendAt = async (seconds: number, code: string) => {
    house.advance(seconds - house.core.clock().getTime() / 1000);
    await house.core.store.write((tx) => tx.totps.put(row));
    return spend(code);
  };
  return { house, spend, spendAt, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() };
}

test("RFC 4226 Appendix D: the code of every counter is right at its step, and no other", async () => {
  await using app = await ada();
  for (const [counter, code] of hotp.entries()) {
    expect(codeOfStep(secret, counter)).toBe(code);
    expect([counter, await app.spendAt(counter * 30 + 7, code)]).toEqual([counter, true]);
    expect([counter, await app.spendAt((counter + 3) * 30, code)]).toEqual([counter, false]);
  }
});

test("RFC 6238 Appendix B: the code of every moment is right at that moment, and a digit more or less is not", async () => {
  await using app = await ada();
  for (const [seconds, eight] of totp) {
    const code = eight.slice(2);
    expect([seconds, await app.spendAt(seconds, code)]).toEqual([seconds, true]);
    for (const wrong of [
      eight,
      code.slice(1),
      `${code}0`,
      code.replace(/^./, (digit) => String(9 - Number(digit))),
    ])
      expect([wrong, await app.spendAt(seconds, wrong)]).toEqual([wrong, false]);
  }
});

test("one step before and one after are taken, two are not (RFC 6238 §5.2)", async () => {
  await using app = await ada();
  const now = new Date(1_700_000_010_000);
  for (const [steps, taken] of [
    [-2, false],
    [-1, true],
    [0, true],
    [1, true],
    [2, false],
  ] as const)
    expect([steps, await app.spendAt(now.getTime() / 1000, codeAt(secret, now, steps))]).toEqual([
      steps,
      taken,
    ]);
});

test("oathtool agrees on a secret of the house's own", async () => {
  // A tool of other authorship; where it cannot be installed the vectors above still hold.
  if (!existsSync("/usr/bin/oathtool")) throw new Error("oathtool is needed: scripts/test installs it");
  await using house = await startAppliance();
  const user = await house.addUser("ada");
  const enrolled = await house.core.store.write((tx) => enrolTotp(house.core, tx, user));
  for (const seconds of [0, 59, 1_111_111_109, 1_767_225_600, 20_000_000_000]) {
    const args = ["--totp=sha1", "--base32", "--digits=6", `--now=@${seconds}`, enrolled.secret];
    const shown = Bun.spawnSync(["oathtool", ...args])
      .stdout.toString()
      .trim();
    expect([seconds, shown]).toEqual([seconds, codeAt(enrolled.secret, new Date(seconds * 1000))]);
  }
});
