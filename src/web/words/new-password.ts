import { catalogue } from "../parts/language.ts";

export const newPassword = catalogue({
  en: {
    length: "Length of the password",
    rule: (least: number) =>
      `At least ${least} characters. A few words you make up are good; the most used passwords are refused when you send it.`,
    good: "Long enough. Whether it is one of the most used ones is checked when you send it.",
    atLeast: (least: number) => `Use at least ${least} characters.`,
    atMost: (most: number) => `Use at most ${most} characters.`,
    ownName: "Do not use your own name or address as the password.",
  },
  de: {
    length: "Länge des Passworts",
    rule: (least: number) =>
      `Mindestens ${least} Zeichen. Ein paar ausgedachte Wörter sind gut; die meistbenutzten Passwörter werden beim Senden abgelehnt.`,
    good: "Lang genug. Ob es eines der meistbenutzten ist, wird beim Senden geprüft.",
    atLeast: (least: number) => `Nimm mindestens ${least} Zeichen.`,
    atMost: (most: number) => `Nimm höchstens ${most} Zeichen.`,
    ownName: "Nimm nicht deinen eigenen Namen oder deine Adresse als Passwort.",
  },
});
