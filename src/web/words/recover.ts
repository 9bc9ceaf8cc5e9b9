import { catalogue } from "../parts/language.ts";

/** Coming back into an account. */
export const recover = catalogue({
  en: {
    tab: "Back into your account",
    title: (name: string) => `Welcome back, ${name}`,
    intro: (time: string) =>
      `Choose how you will sign in from now on. This link is good until ${time}, and once.`,
    effect: "Two-factor sign-in is switched off, and you are signed out everywhere else.",
    byPasskey: "With a passkey",
    byPassword: "With a password",
    passwordMissing: "Choose a password.",
    newPassword: "New password",
    setPassword: "Set the password",
    resetTab: "Reset the password",
    resetTitle: "Reset your password",
    resetIntro: "A code goes to the address of your account.",
    codeTitle: "Look into your mail",
    codeIntro: (name: string) =>
      `If there is an account for ${name}, six digits are on their way to it. They are good for ten minutes, in this browser.`,
    effectReset: "You are signed out everywhere.",
    reset: "Set the password",
    doneTitle: "The password is set",
    doneIntro: "Sign in with it. You were signed out everywhere else.",
    noMail:
      "This house sends no mail, so no code can reach you. Ask whoever looks after it for a recovery link.",
  },
  de: {
    tab: "Zurück in dein Konto",
    title: (name: string) => `Willkommen zurück, ${name}`,
    intro: (time: string) =>
      `Wähl, wie du dich von nun an anmeldest. Dieser Link gilt bis ${time}, und einmal.`,
    effect: "Die Anmeldung in zwei Schritten wird ausgeschaltet, und du wirst überall sonst abgemeldet.",
    byPasskey: "Mit einem Passkey",
    byPassword: "Mit einem Passwort",
    passwordMissing: "Wähl ein Passwort.",
    newPassword: "Neues Passwort",
    setPassword: "Das Passwort setzen",
    resetTab: "Passwort zurücksetzen",
    resetTitle: "Setz dein Passwort zurück",
    resetIntro: "Ein Code geht an die Adresse deines Kontos.",
    codeTitle: "Sieh in deine Mail",
    codeIntro: (name: string) =>
      `Falls es ein Konto für ${name} gibt, sind sechs Ziffern unterwegs dorthin. Sie gelten zehn Minuten, in diesem Browser.`,
    effectReset: "Du wirst überall abgemeldet.",
    reset: "Das Passwort setzen",
    doneTitle: "Das Passwort ist gesetzt",
    doneIntro: "Melde dich damit an. Überall sonst wurdest du abgemeldet.",
    noMail:
      "Dieses Haus schickt keine Mails, also kann dich kein Code erreichen. Frag, wer sich darum kümmert, nach einem Wiederherstellungslink.",
  },
});
