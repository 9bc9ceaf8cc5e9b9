import { expect, test } from "bun:test";
import { auditEvents } from "../../src/identity/audit.ts";
import { permissionsOf } from "../../src/identity/permission.ts";
import type { RefusalCode } from "../../src/identity/refusal.ts";
import { refusal } from "../../src/web/parts/ask.ts";
import { setLanguage } from "../../src/web/parts/language.ts";
import { events } from "../../src/web/words/audit.ts";
import { keys } from "../../src/web/words/keys.ts";
import { codeInWords, detailInWords, inWords, type WordedCode } from "../../src/web/words/refusals.ts";
import { knownSentences, sentencesInGerman } from "../../src/web/words/sentences.ts";

/** Does not compile when the house learns a refusal that the pages have no words for. */
const worded = (code: RefusalCode): WordedCode => code;

test("every refusal of the house has words in both languages", () => {
  for (const language of ["en", "de"] as const) {
    setLanguage(language);
    expect(codeInWords(worded("RATE_LIMITED"))).toMatch(language === "en" ? /Too many/ : /Zu viele/);
    expect(codeInWords("toString")).toBe(null);
  }
  setLanguage("en");
});

test("a wait is told in seconds and in minutes, a failure by its number in the log", () => {
  const limited = (wait: number) => inWords({ ...refusal("RATE_LIMITED"), wait });
  expect(limited(1)).toBe("Too many tries. Try again in a second.");
  expect(limited(90)).toBe("Too many tries. Try again in 90 seconds.");
  expect(limited(121)).toBe("Too many tries. Try again in 3 minutes.");
  const broken = refusal("INTERNAL", [{ path: "", message: "1be10c88-n" }]);
  expect(inWords(broken)).toEndWith("The log has more under 1be10c88-n.");
});

test("what the house says in English is said in German, and what it learns later as it is", () => {
  setLanguage("de");
  const told = (message: string) => detailInWords({ path: "password", message });
  expect(told("Use at least 12 characters.")).toBe("Nimm mindestens 12 Zeichen.");
  expect(told("A new rule.")).toBe("A new rule.");
  expect(inWords({ ...refusal("WEAK_PASSWORD"), message: "Use at least 12 characters." })).toBe(
    "Nimm mindestens 12 Zeichen.",
  );
  expect(inWords({ ...refusal("NEW_CODE"), message: "A new refusal." })).toBe("A new refusal.");
  setLanguage("en");
});

test("the sentences that have German ones are still the house's", async () => {
  let source = "";
  for await (const file of new Bun.Glob("{identity,http}/*.ts").scan("src"))
    source += await Bun.file(`src/${file}`).text();
  expect(knownSentences.length).toBeGreaterThan(5);
  expect(knownSentences.filter((sentence) => !source.includes(sentence))).toEqual([]);
  expect(sentencesInGerman("no such sentence")).toBe(null);
});

test("every event of the log and every permission has words in both languages", () => {
  for (const language of ["en", "de"] as const) {
    setLanguage(language);
    expect(auditEvents.filter((event) => !events()[event])).toEqual([]);
    expect(permissionsOf("admin").filter((permission) => !keys().scopes[permission])).toEqual([]);
  }
  setLanguage("en");
});
