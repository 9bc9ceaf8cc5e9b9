import { expect, test } from "bun:test";
import type { Notice } from "../../src/identity/mail.ts";
import { letters } from "../../src/mail/texts.ts";

const url = "https://auth.example.org";
const at = new Date("2026-03-01T07:05:09Z");
const code = "493817";

/** One of every kind; a kind without words does not compile. */
const every: { readonly [Kind in Notice["kind"]]: Extract<Notice, { kind: Kind }> } = {
  login_code: { kind: "login_code", code, minutes: 10 },
  reset_code: { kind: "reset_code", code, minutes: 10 },
  register_code: { kind: "register_code", code, minutes: 10 },
  email_code: { kind: "email_code", code, minutes: 10 },
  already_registered: { kind: "already_registered" },
  test: { kind: "test" },
  new_device: { kind: "new_device", device: "Firefox on Linux", ip: "2001:db8::7", at },
  password_changed: { kind: "password_changed", at },
  email_changed: { kind: "email_changed", to: "new@example.net", at },
  api_key_created: { kind: "api_key_created", name: "nightly backup", at },
  address_claimed: { kind: "address_claimed", at },
  family_ended: { kind: "family_ended", at },
  backup_code_used: { kind: "backup_code_used", left: 2, at },
  factor_changed: { kind: "factor_changed", what: "passkey_added", name: "Phone", at },
};

const linksIn = (text: string): string[] => text.match(/\b(?:[a-z]+:\/\/|www\.)[^\s<>"]+/gi) ?? [];

for (const notice of Object.values(every)) {
  const { subject, text, html } = letters(notice, url);

  test(`${notice.kind}: a short subject without a code, and the same words in text and HTML`, () => {
    expect(subject).toMatch(/^[A-Za-z -]{10,60}$/);
    expect(subject).toContain("Housekey");
    const words = html
      .replace(/<title>.*<\/title>/, "")
      .replace(/<[^>]*>/g, " ")
      .replace(/&#39;/g, "'");
    expect(words.split(/\s+/).filter(Boolean)).toEqual(text.split(/\s+/).filter(Boolean));
  });

  test(`${notice.kind}: the house is the only link, and nothing is fetched`, () => {
    expect(linksIn(text)).toEqual([url]);
    expect(linksIn(html)).toEqual([url, url]);
    expect(html).toContain(`<a href="${url}">${url}</a>`);
    expect(html).not.toMatch(/<(img|script|link|iframe|object|form|style)|url\(|\bon\w+=/i);
  });

  test(`${notice.kind}: it says what to do for somebody who did not expect it`, () => {
    expect(text).toMatch(/You did not (ask for it|register)\?|It was not you\?|one you do not know/);
  });

  test(`${notice.kind}: its lines are short enough to travel as they are`, () => {
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(72);
    expect(text).toMatch(/^[\n -~]+$/);
  });
}

test("a code stands on a line of its own, with how long it works", () => {
  for (const notice of Object.values(every).filter((one) => "code" in one)) {
    const { text, html } = letters(notice, url);
    expect(text).toMatch(new RegExp(`^${code}$`, "m"));
    expect(text.match(/\d{6}/g)).toEqual([code]);
    expect(text).toContain("within 10 minutes");
    expect(html).toContain(`<strong>${code}</strong>`);
  }
  expect(letters({ ...every.login_code, minutes: 1 }, url).text).toContain("within 1 minute,");
});

test("times are in UTC, in words", () => {
  const dated = [every.new_device, every.password_changed, every.email_changed, every.family_ended];
  for (const notice of dated) {
    const { text } = letters(notice, url);
    expect(text.replaceAll("\n", " ")).toContain("1 March 2026 at 07:05 UTC");
  }
});

test("a sign-in is told of with its device, where it came from and when", () => {
  expect(letters(every.new_device, url).text).toContain(
    "Device: Firefox on Linux\nIP address: 2001:db8::7\nTime: 1 March 2026 at 07:05 UTC\n",
  );
});

test("the old address hears which one it is now", () => {
  expect(letters(every.email_changed, url).text).toContain("\nAddress: new@example.net\n");
});

test("a device's name is no HTML", () => {
  const device = `<img src=x onerror="alert('1')"> & co`;
  const { html, text } = letters({ ...every.new_device, device }, url);
  expect(html).toContain("Device: &lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; co<br>");
  expect(html).not.toContain("<img");
  expect(text).toContain(`Device: ${device}\n`);
  const to = `"<b>"@example.org`;
  expect(letters({ ...every.email_changed, to }, url).html).toContain("&quot;&lt;b&gt;&quot;@example.org");
});

test("a device's name can neither begin a paragraph nor become a link", () => {
  const device =
    "Phone\r\n\r\nYour account is locked\u2028\u202e: http://evil.example/x or www.evil.example or a@evil.example";
  const { text, html } = letters({ ...every.new_device, device }, url);
  expect(text).toContain(
    "Device: Phone Your account is locked : http:// evil. example/x or www. evil. example or a@ evil. example\n",
  );
  for (const words of [text, html]) expect(words.replaceAll(url, "")).not.toMatch(/\w\.[a-z]|:\/\/\S|@\w/i);
});

test("a device's name is cut where it gets long, between characters", () => {
  const { text } = letters({ ...every.new_device, device: "😀".repeat(1000) }, url);
  expect(text).toContain(`Device: ${"😀".repeat(254)}...\n`);
});
