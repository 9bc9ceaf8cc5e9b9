import { expect, test } from "bun:test";
import { deliverable, messageOf, senderOf } from "../../src/mail/message.ts";
import { serverOf } from "../../src/mail/server.ts";
import { letter } from "./smtp-server.ts";

test("ordinary addresses are written to", () => {
  const local = "abcdefghijklmnopqrstuvwxyz.0123456789!#$%&'*+/?=^_`{|}~-";
  for (const address of ["ada@example.org", "a@b", `${local}@xn--mller-kva.example`, "a@10.example"])
    expect([address, deliverable(address)]).toEqual([address, true]);
});

test("an address that could mean another recipient to anybody is not written to", () => {
  const hostile = [
    ...["a@x.org,b@y.org", "a@x.org;b@y.org", "a@x.org b@y.org", "a@b@x.org", "a@x.org\r\nBcc: b@y.org"],
    ...["a\n@x.org", "a@x.org\n", "a@x.org\0", "a\t@x.org", "a\u007f@x.org", "<a@x.org>", "Ada <a@x.org>"],
    ...['"a b"@x.org', '"a@y.org"@x.org', "a@[127.0.0.1]", "a(comment)@x.org", "a@x.org>", "a\\@x.org"],
    ...["ä@x.org", "a@ä.org", "a@x.org\u2028", "ａ@x.org", "=?utf-8?q?b=40y.org=3e?=@x.org"],
    ...["", "a", "@", "a@", "@x.org", "a@-x.org", "a@x.org-", "a@x.org.", `${"a".repeat(65)}@x.org`],
    `a@${"x".repeat(253)}`,
  ];
  for (const address of hostile) {
    expect([address, deliverable(address)]).toEqual([address, false]);
    expect(() => messageOf({ ...letter, to: address }, senderOf("a@b"))).toThrow("recipient");
  }
});

test("a sender is an address, with a name or without", () => {
  const address = "auth@example.org";
  expect(senderOf(address)).toEqual({ name: "Housekey", address });
  expect(senderOf(` <${address}> `)).toEqual({ name: "Housekey", address });
  expect(senderOf(`Our house <${address}>`)).toEqual({ name: "Our house", address });
  expect(senderOf(`"Müller, Ada" <${address}>`)).toEqual({ name: "Müller, Ada", address });
});

test("a sender that is something else is refused when the house starts", () => {
  for (const from of ["", "Ada", "a@x, b@y", "Ada <a@x> <b@y>", "A\r\nBcc: b@y <a@x>", "<a@x\ny>", "ä@x.org"])
    expect(() => senderOf(from)).toThrow("expected one like Housekey <auth@example.org>");
});

test("a server is read with its port, its credentials and what it has to encrypt", () => {
  const at = { host: "mail.example.org", strict: true, auth: null };
  expect(serverOf("smtp://mail.example.org")).toEqual({ ...at, port: 587, implicit: false });
  expect(serverOf("smtp://Mail.Example.org:25/")).toEqual({ ...at, port: 25, implicit: false });
  expect(serverOf("smtps://mail.example.org")).toEqual({ ...at, port: 465, implicit: true });
  expect(serverOf("smtp://ada%40x:p%40s%3As%25%2F@mail.example.org")).toEqual({
    ...at,
    port: 587,
    implicit: false,
    auth: { user: "ada@x", pass: "p@s:s%/" },
  });
  expect(serverOf("smtps://[::1]:465")).toMatchObject({ host: "::1", strict: true });
});

test("only loopback without credentials may do without encryption", () => {
  const strict = (url: string) => serverOf(url).strict;
  for (const host of ["localhost", "LOCALHOST:25", "127.0.0.1", "127.9.9.9:1025", "[::1]:25"])
    expect([host, strict(`smtp://${host}`)]).toEqual([host, false]);
  for (const host of ["mailpit:1025", "10.0.0.1", "[::2]", "localhost.example.org", "127.0.0.1.example.org"])
    expect([host, strict(`smtp://${host}`)]).toEqual([host, true]);
  expect([strict("smtp://a:b@localhost"), strict("smtps://localhost")]).toEqual([true, true]);
});

test("a server's address with anything else in it is refused without repeating it", () => {
  const beyond = ["smtp://h/x", "smtp://h?secure=false", "smtp://h?", "smtp://h#", "smtp://u:se#cret@h:25"];
  const broken = ["http://h", "h:25", "smtp://", "smtp://u:secret%@h", "smtp://u:secret%zz@h", "smtp://hä"];
  const halves = ["smtp://secret@h", "smtp://:secret@h"];
  for (const url of [...beyond, ...broken, ...halves]) {
    expect(() => serverOf(url)).toThrow(
      "expected the mail server's address to be like smtp://user:password@",
    );
    expect(() => serverOf(url)).not.toThrow("cret");
  }
});
