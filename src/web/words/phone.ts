import { catalogue } from "../parts/language.ts";

export const phone = catalogue({
  en: {
    title: "Link a phone",
    intro: "Scan a code with the app on your phone, and it is signed in as you. Nothing is typed there.",
    begin: "Show the code",
    qr: "QR code that signs a phone in as you",
    warning:
      "Whoever scans it within ten minutes is in. Show it to nobody, and scan it only with your own phone.",
    waiting: "Waiting for the phone …",
    claimed: "The phone is linked. You find it among your sessions.",
    expired: "The code has expired unused.",
  },
  de: {
    title: "Ein Telefon verbinden",
    intro:
      "Scanne einen Code mit der App auf deinem Telefon, und es ist für dich angemeldet. Dort wird nichts getippt.",
    begin: "Den Code zeigen",
    qr: "QR-Code, der ein Telefon für dich anmeldet",
    warning:
      "Wer ihn in den nächsten zehn Minuten scannt, ist drin. Zeig ihn niemandem, und scanne ihn nur mit deinem eigenen Telefon.",
    waiting: "Warten auf das Telefon …",
    claimed: "Das Telefon ist verbunden. Du findest es unter deinen Sitzungen.",
    expired: "Der Code ist unbenutzt abgelaufen.",
  },
});

export const identities = catalogue({
  en: {
    title: "Sign-in providers",
    intro: "Accounts elsewhere that sign you in here.",
    none: "Nothing is linked.",
    link: (name: string) => `Link ${name}`,
    used: "last used",
    neverUsed: "never used",
    unlink: "Unlink",
    unlinkLabel: (name: string) => `Unlink ${name}`,
    unlinkTitle: (name: string) => `Unlink ${name}?`,
    unlinkText: "It no longer signs you in here. Your account there stays as it is.",
    unlinked: "Unlinked.",
  },
  de: {
    title: "Anmeldedienste",
    intro: "Konten anderswo, die dich hier anmelden.",
    none: "Nichts ist verknüpft.",
    link: (name: string) => `${name} verknüpfen`,
    used: "zuletzt benutzt",
    neverUsed: "nie benutzt",
    unlink: "Trennen",
    unlinkLabel: (name: string) => `${name} trennen`,
    unlinkTitle: (name: string) => `${name} trennen?`,
    unlinkText: "Es meldet dich hier nicht mehr an. Dein Konto dort bleibt, wie es ist.",
    unlinked: "Getrennt.",
  },
});
