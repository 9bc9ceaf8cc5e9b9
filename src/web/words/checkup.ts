import { catalogue } from "../parts/language.ts";

/** Trying out whether the house stands as it should, and whether its letters arrive. */
export const checkup = catalogue({
  en: {
    mail: "Mail",
    mailOn: "Codes and warnings go out through the mail server that the environment names.",
    mailOff:
      "No mail server is set: letters are files in the outbox of the data folder. HOUSEKEY_SMTP_URL names one.",
    to: "Send a test letter to",
    send: "Send a test",
    addressMissing: "Enter an address.",
    transcript: "What the two said to each other",
    title: "Check-up",
    intro: "Looks the house over: its address, proxy, certificate, clock, mail, disk, files and database.",
    look: "Look the house over",
  },
  de: {
    mail: "Mail",
    mailOn: "Codes und Warnungen gehen über den Mailserver, den die Umgebung nennt.",
    mailOff:
      "Kein Mailserver eingestellt: Briefe sind Dateien im Postausgang des Datenordners. HOUSEKEY_SMTP_URL nennt einen.",
    to: "Testbrief senden an",
    send: "Test senden",
    addressMissing: "Gib eine Adresse ein.",
    transcript: "Was die beiden einander gesagt haben",
    title: "Untersuchung",
    intro: "Sieht das Haus durch: Adresse, Proxy, Zertifikat, Uhr, Mail, Platte, Dateien und Datenbank.",
    look: "Das Haus durchsehen",
  },
});
