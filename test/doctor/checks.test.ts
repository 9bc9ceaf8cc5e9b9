/** Each check by itself: what it takes for well, and what it says otherwise. */
import { expect, test } from "bun:test";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { examineAddress, examineCookies, examinePasskeys } from "../../src/doctor/address.ts";
import { examineBackups } from "../../src/doctor/backup.ts";
import { examineClock } from "../../src/doctor/clock.ts";
import { keeperOf, writtenAhead } from "../../src/doctor/clock-signs.ts";
import { examineProxies } from "../../src/doctor/proxy.ts";
import { nothingSeen, type Peer, type Step } from "../../src/identity/doctor.ts";
import { temporary } from "../mail/smtp-server.ts";

const now = new Date("2026-03-01T12:00:00Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const at = (url: string, isSet = true) => ({ url: new URL(url), isSet });

/** Every complaint says why, and how to mend it. */
function expectIll(step: Step | undefined, message: RegExp, fix: RegExp): void {
  expect(step).toEqual({
    name: expect.any(String),
    ok: false,
    message: expect.stringMatching(message),
    fix: expect.stringMatching(fix),
  });
}

test("passkeys want https and a name, and say which of them is missing", () => {
  const ill = (url: string, message: RegExp, fix: RegExp) =>
    expectIll(examinePasskeys(at(url)), message, fix);
  ill("https://192.168.1.5", /number \(192\.168\.1\.5\).*names alone/, /auth\.home\.arpa.*HOUSEKEY_URL/);
  ill("http://127.0.0.1", /number/, /name in your router/);
  ill("http://[fd00::5]:8420", /number \(fd00::5\)/, /name in your router/);
  ill("http://auth.example.org", /plain http.*in the clear/, /HOUSEKEY_URL=https:\/\/auth\.example\.org/);
  ill("https://nas", /one word: no authority/, /auth\.home\.arpa/);
  ill("http://nas:8420", /plain http/, /reverse_proxy/);
  for (const url of ["https://auth.example.org", "https://nas.home.arpa:8443", "http://localhost:8420"])
    expect([url, examinePasskeys(at(url)).ok]).toEqual([url, true]);
});

test("a cookie domain under which strangers have names is refused by browsers", () => {
  const address = at("https://auth.ada.duckdns.org");
  expectIll(
    examineCookies(address, "duckdns.org"),
    /anybody can have a name/,
    /HOUSEKEY_COOKIE_DOMAIN.*ada\.duckdns\.org/,
  );
  expect(examineCookies(address, "ada.duckdns.org").ok).toBe(true);
  expect(examineCookies(address, undefined).ok).toBe(true);
});

test("other names that browsers use are told for an hour", () => {
  const seen = nothingSeen();
  const told = () => examineAddress(at("https://auth.example.org"), seen, now)[0];
  expect(told()?.ok).toBe(true);
  seen.hosts.set("192.168.1.5:8420", ago(3599));
  expectIll(
    told(),
    /open the house as 192\.168\.1\.5:8420: there a sign-in is refused/,
    /proxy_set_header Host/,
  );
  seen.hosts.set("192.168.1.5:8420", ago(3601));
  expect(told()?.ok).toBe(true);
  expectIll(
    examineAddress(at("http://localhost:8420", false), seen, now)[0],
    /nobody has decided/,
    /HOUSEKEY_URL=/,
  );
});

test("proxies: strangers, silence, the wrong scheme; each with the line that mends it", () => {
  const told = (url: string, ...peers: Partial<Peer>[]): readonly Step[] => {
    const seen = nothingSeen();
    for (const [index, peer] of peers.entries()) {
      const address = `10.0.0.${index}`;
      seen.peers.set(address, {
        address,
        at: now,
        trusted: true,
        forwardsFor: true,
        proto: "https",
        ...peer,
      });
    }
    return examineProxies(at(url), seen, ["192.0.2.0/24"], now);
  };
  const url = "https://auth.example.org";
  expect(told(url).map(({ ok }) => ok)).toEqual([true]);
  expect(told(url, {}, {}).map(({ ok }) => ok)).toEqual([true]);
  expectIll(
    told(url, { trusted: false })[0],
    /10\.0\.0\.0 sends/,
    /HOUSEKEY_TRUSTED_PROXIES=192\.0\.2\.0\/24,10\.0\.0\.0 and/,
  );
  expect(told(url, { trusted: false, at: ago(3601) })[0]?.ok).toBe(true);
  expectIll(told(url, { forwardsFor: false })[0], /whom it forwards for/, /X-Forwarded-For \$proxy_add/);
  expectIll(told(url, { proto: null })[0], /does not send X-Forwarded-Proto/, /X-Forwarded-Proto \$scheme/);
  expectIll(
    told(url, { proto: "http" })[0],
    /forgotten at once/,
    /server_name auth\.example\.org; return 301/,
  );
  expectIll(
    told("http://auth.example.org", {})[0],
    /come by https/,
    /HOUSEKEY_URL=https:\/\/auth\.example\.org/,
  );
  // Two that leave out the same are one complaint.
  expect(told(url, { proto: null }, { proto: null })).toHaveLength(1);
  expect(told(url, { proto: null, forwardsFor: false })).toHaveLength(2);
  expect(examineProxies(at(url), null, [], now)).toEqual([]);
});

test("the clock: how it moved, what others' clocks say, what codes say", () => {
  const told = (facts: Partial<Parameters<typeof examineClock>[0]>) =>
    examineClock({ now, moved: 0, clientNow: null, seen: null, ahead: 0, keeper: null, ...facts })[0];
  expect(told({})?.ok).toBe(true);
  expect(told({ moved: 4000, clientNow: ago(29) })?.ok).toBe(true);
  expectIll(told({ moved: -3_600_000 }), /set to 3600 s earlier/, /time-sync\.target/);
  expectIll(told({ clientNow: ago(31) }), /31 s earlier: one of the two is off/, /timedatectl/);
  const codes = (...codeOffsets: number[]) => told({ seen: { ...nothingSeen(), codeOffsets } });
  expectIll(codes(90, 90), /right for 90 s later/, /timedatectl/);
  expectIll(codes(-600, 60, -120, -90), /right for 90 s earlier/, /timedatectl/);
  for (const few of [[], [90], [90, -90], [300, 60, -120]])
    expect([few, codes(...few)?.ok]).toEqual([few, true]);
});

test("the clock: what is in the folder cannot be of later than now", () => {
  using folder = temporary();
  expect(writtenAhead(folder.path, now)).toBe(0);
  writeFileSync(join(folder.path, "housekey.db-wal"), "");
  const ahead = (seconds: number) => {
    utimesSync(join(folder.path, "housekey.db-wal"), now, ago(-seconds));
    return writtenAhead(folder.path, now);
  };
  expect([ahead(-60), ahead(0), ahead(90)]).toEqual([0, 0, 90_000]);
  const told = (ahead: number) =>
    examineClock({ now, moved: 0, clientNow: null, seen: null, ahead, keeper: null })[0];
  expect(told(30_000)?.ok).toBe(true);
  expectIll(told(90_000), /90 s later than this clock said/, /timedatectl/);
});

test("the clock: who on this machine keeps it, and whether they have the time", () => {
  using folder = temporary();
  const keeper = () => keeperOf(now, folder.path);
  const put = (path: string, at = now) => {
    mkdirSync(join(folder.path, path, ".."), { recursive: true });
    writeFileSync(join(folder.path, path), "");
    utimesSync(join(folder.path, path), at, at);
  };
  expect(keeper()).toBeNull();
  mkdirSync(join(folder.path, "run/systemd/timesync"), { recursive: true });
  expect(keeper()).toContain("not had the time from the network yet");
  put("var/lib/chrony/chrony.drift", ago(90_000));
  expect(keeper()).toContain("not had the time");
  put("var/lib/chrony/chrony.drift", ago(3600));
  expect(keeper()).toBe("chronyd has had the time from the network");
  put("run/systemd/timesync/synchronized");
  expect(keeper()).toBe("systemd-timesyncd has had the time from the network");
  const [step] = examineClock({ now, moved: 0, clientNow: null, seen: null, ahead: 0, keeper: keeper() });
  expect([step?.ok, step?.message]).toEqual([true, expect.stringContaining("; systemd-timesyncd has had")]);
});

test("backups: none, late, a folder that is not there", () => {
  using folder = temporary();
  const path = join(folder.path, "backups");
  const told = (every = 86_400) => examineBackups({ folder: path, every }, now);
  expectIll(told(), /cannot be read, so no backup is made/, /HOUSEKEY_BACKUP_DIR/);
  mkdirSync(path);
  expectIll(told(), /there is none/, /housekey backup FILE/);
  for (const [name, age] of [
    ["housekey-1a2b3c4d-20260228T120000Z.tar.gz", 90_000],
    ["other.tar.gz", 60],
  ] as const) {
    writeFileSync(join(path, name), "");
    utimesSync(join(path, name), ago(age), ago(age));
  }
  expect(told()).toEqual({ name: "backup", ok: true, message: expect.stringContaining("is 25 hours old") });
  expectIll(told(43_200), /25 hours old, and there should be one every 12 hours/, /in the log/);
  expect(examineBackups({ folder: null, every: 86_400 }, now).ok).toBe(true);
});
