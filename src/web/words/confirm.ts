import { catalogue } from "../parts/language.ts";

export const confirm = catalogue({
  en: {
    title: "Is it you?",
    intro: "Your last sign-in is a while ago, and this is something only you should do.",
    withPasskey: "Confirm with a passkey",
    confirm: "Confirm",
    code: "Code from your authenticator app, or a backup code",
    codeHint: "Your account asks for a second factor.",
    mailed: (address: string) => `Six digits are on their way to ${address}.`,
  },
  de: {
    title: "Bist du es?",
    intro: "Deine letzte Anmeldung ist eine Weile her, und das solltest nur du tun.",
    withPasskey: "Mit Passkey bestätigen",
    confirm: "Bestätigen",
    code: "Code aus deiner Authenticator-App, oder ein Ersatzcode",
    codeHint: "Dein Konto verlangt einen zweiten Faktor.",
    mailed: (address: string) => `Sechs Ziffern sind unterwegs zu ${address}.`,
  },
});
