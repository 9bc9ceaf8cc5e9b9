/** The words of every letter. Codes stay out of the subject, which lock screens show. */
import type { FactorChange } from "../identity/factor.ts";
import type { Letter, Letters, Notice } from "../identity/mail.ts";

/** A paragraph, a code that stands alone, or a few things to know, each under its name. */
type Block = string | { readonly code: string } | { readonly facts: Readonly<Record<string, string>> };

interface Words {
  readonly subject: string;
  readonly blocks: readonly Block[];
}

type WordsFor = { readonly [Kind in Notice["kind"]]: (notice: Extract<Notice, { kind: Kind }>) => Words };

const keepIt = "Enter it only at Housekey itself. Nobody who looks after Housekey will ever ask you for it.";

const wordsFor: WordsFor = {
  login_code: ({ code, minutes }) => ({
    subject: "Your Housekey sign-in code",
    blocks: [
      "Here is the code to sign in to Housekey:",
      { code },
      `It works once, within ${span(minutes)}, and only on the device that asked for it. ${keepIt}`,
      "You did not ask for it? Then you can ignore this letter: without the code nobody gets in.",
    ],
  }),

  reset_code: ({ code, minutes }) => ({
    subject: "Choose a new password for Housekey",
    blocks: [
      "Here is the code to choose a new password for your Housekey account:",
      { code },
      `It works once, within ${span(minutes)}, and only on the device that asked for it. ${keepIt}`,
      "You did not ask for it? Then you can ignore this letter: your password stays as it is.",
    ],
  }),

  register_code: ({ code, minutes }) => ({
    subject: "Finish your registration at Housekey",
    blocks: [
      "Here is the code to finish your registration at Housekey:",
      { code },
      `It works once, within ${span(minutes)}, and only on the device that asked for it. ${keepIt}`,
      "You did not register? Then you can ignore this letter: without the code there will be no account.",
    ],
  }),

  email_code: ({ code, minutes }) => ({
    subject: "Confirm this address for Housekey",
    blocks: [
      "Here is the code to make this the address of a Housekey account:",
      { code },
      `It works once, within ${span(minutes)}, and only on the device that asked for it. ${keepIt}`,
      "You did not ask for it? Then you can ignore this letter: without the code this address is not used.",
    ],
  }),

  already_registered: () => ({
    subject: "You already have a Housekey account",
    blocks: [
      "Somebody, most likely you, tried to register at Housekey with this address. It already has an " +
        "account, so nothing was changed.",
      "To get in, sign in with this address. If you no longer know the password, you can choose a new one " +
        "on the sign-in page.",
      "It was not you? Then there is nothing to do: whoever it was learned nothing about your account.",
    ],
  }),

  test: () => ({
    subject: "A test letter from Housekey",
    blocks: [
      "This letter shows that Housekey can send mail to this address. There is nothing to do.",
      "You did not ask for it? Then whoever looks after Housekey tried out its mail, and meant you to get it " +
        "or mistyped an address.",
    ],
  }),

  new_device: ({ device, ip, at }) => ({
    subject: "New sign-in to your Housekey account",
    blocks: [
      "Somebody signed in to your Housekey account from a place it did not know before:",
      { facts: { Device: unlinked(device), "IP address": unlinked(ip), Time: moment(at) } },
      "It was you? Then there is nothing to do.",
      "It was not you? Then sign in and change your password now, which signs out everybody else, and look " +
        "whether anything in your account was changed.",
    ],
  }),

  password_changed: ({ at }) => ({
    subject: "Your Housekey password was changed",
    blocks: [
      `The password of your Housekey account was changed on ${moment(at)}.`,
      "It was you? Then there is nothing to do.",
      "It was not you? Then choose a new password at once, with a code by mail from the sign-in page, and " +
        "tell whoever looks after Housekey for you.",
    ],
  }),

  email_changed: ({ to, at }) => ({
    subject: "The address of your Housekey account was changed",
    blocks: [
      `The address of your Housekey account was changed on ${moment(at)}. It is now:`,
      { facts: { Address: oneLine(to) } },
      "Letters about the account no longer come here. It was you? Then there is nothing to do.",
      "It was not you? Then somebody else was in your account: tell whoever looks after Housekey for you at " +
        "once, and change your password if you can still sign in.",
    ],
  }),

  backup_code_used: ({ left, at }) => ({
    subject: "A backup code of your Housekey account was used",
    blocks: [
      `A backup code stood in for your authenticator app on ${moment(at)}.`,
      { facts: { "Codes left": String(left) } },
      left > 3
        ? "It was you? Then there is nothing to do."
        : "It was you? Then make new codes soon, on the page of your account: without any, a lost phone locks you out.",
      "It was not you? Then somebody has one of your codes, and has got past your password, too. Sign in, make " +
        "new codes, and change your password, which signs out everybody else.",
    ],
  }),

  factor_changed: ({ what, name, at }) => ({
    subject: "The sign-in of your Housekey account was changed",
    blocks: [
      `Somebody, most likely you, changed how one signs in to your Housekey account on ${moment(at)}:`,
      { facts: { Change: changes[what], ...(name !== undefined && { Name: unlinked(name) }) } },
      "Everybody else who was signed in to the account was signed out. It was you? Then there is nothing to do.",
      "It was not you? Then somebody was in your account: change your password now, look at what is registered " +
        "there, and tell whoever looks after Housekey for you.",
    ],
  }),

  api_key_created: ({ name, at }) => ({
    subject: "A new API key for your Housekey account",
    blocks: [
      `An API key was made for your Housekey account on ${moment(at)}. Whoever holds it can act for you, ` +
        "within what it was made for:",
      { facts: { Key: unlinked(name) } },
      "It was you? Then there is nothing to do.",
      "It was not you? Then sign in, delete the key, and change your password, which signs out everybody else.",
    ],
  }),

  address_claimed: ({ at }) => ({
    subject: "Your Housekey account was made yours alone",
    blocks: [
      "Somebody, maybe you, had made a Housekey account with this address and never shown that they read it. " +
        `On ${moment(at)} a code that was mailed here did.`,
      "To be safe, everything that was set up in the account before no longer works: its password, passkeys, API " +
        "keys, linked providers and devices, and whoever was signed in was signed out.",
      "Was the account yours all along? Then set a new password, or a passkey, on the page of your account.",
      "Do you not know the account? Then look at its name there, or delete it.",
      "It was not you? Then somebody else reads your mail: tell whoever looks after Housekey for you at once.",
    ],
  }),

  family_ended: ({ at }) => ({
    subject: "An app was signed out of your Housekey account",
    blocks: [
      `What keeps an app signed in to your Housekey account was used a second time on ${moment(at)}. ` +
        "Either the app made a mistake, or somebody has a copy. To be safe, the app was signed out.",
      "Sign in to the app again, and look at the list of your sign-ins. If there is one you do not know, end " +
        "it and change your password.",
    ],
  }),
};

const changes: Readonly<Record<FactorChange, string>> = {
  two_factor_on: "Two-factor sign-in was switched on",
  two_factor_off: "Two-factor sign-in was switched off",
  backup_codes_replaced: "New backup codes were made; the old ones no longer work",
  passkey_added: "A passkey was added",
  passkey_removed: "A passkey was removed",
  identity_linked: "Signing in with another provider was added",
  identity_unlinked: "Signing in with another provider was removed",
};

/** The one link in a letter is the house itself. */
export const letters: Letters = (notice, url) => {
  const find = wordsFor[notice.kind] as (notice: Notice) => Words;
  return letter(find(notice), url);
};

function letter({ subject, blocks }: Words, url: string): Letter {
  const text = [...blocks.map(asText), `This letter was written by Housekey at\n${url}`];
  const link = `<a href="${escaped(url)}">${escaped(url)}</a>`;
  const html = [
    "<!doctype html>",
    '<html lang="en">',
    `<head><meta charset="utf-8"><title>${escaped(subject)}</title></head>`,
    '<body style="font-family: sans-serif; line-height: 1.5">',
    ...blocks.map(asHtml),
    `<p>This letter was written by Housekey at<br>\n${link}</p>`,
    "</body>",
    "</html>",
  ];
  return { subject, text: `${text.join("\n\n")}\n`, html: `${html.join("\n")}\n` };
}

function asText(block: Block): string {
  if (typeof block === "string") return wrapped(block);
  if ("code" in block) return block.code;
  const facts = Object.entries(block.facts);
  return facts.map(([name, value]) => `${name}: ${value}`).join("\n");
}

function asHtml(block: Block): string {
  if (typeof block === "string") return `<p>${wrapped(escaped(block))}</p>`;
  if ("code" in block) return `<p style="font-size: 1.6em"><strong>${escaped(block.code)}</strong></p>`;
  const facts = Object.entries(block.facts);
  return `<p>${facts.map(([name, value]) => `${escaped(name)}: ${escaped(value)}`).join("<br>\n")}</p>`;
}

/** Lines of 72: short enough to travel as they are. */
const wrapped = (paragraph: string): string => paragraph.replace(/(.{1,72})(?: |$)/g, "$1\n").trimEnd();

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (mark) => entities[mark] ?? mark);

/** What came from outside, on one line of bounded length without invisible characters. */
function oneLine(text: string): string {
  const line = [...text.replace(/[\p{C}\p{Z}]+/gu, " ").trim()];
  return line.length > 254 ? `${line.slice(0, 254).join("")}...` : line.join("");
}

/** The same, with nothing left that mail programs turn into a link by themselves: `evil. example`. */
const unlinked = (text: string): string => oneLine(text).replace(/:\/\/|[.@](?=\p{L})/gu, "$& ");

const span = (minutes: number): string => (minutes === 1 ? "1 minute" : `${minutes} minutes`);

function moment(at: Date): string {
  const day = at.toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
  return `${day} at ${at.toISOString().slice(11, 16)} UTC`;
}
