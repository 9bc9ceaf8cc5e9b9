import { catalogue } from "../parts/language.ts";

export const doctor = catalogue({
  en: {
    title: "Health",
    intro:
      "Looks at the whole house, and says what to do about what it finds. The house writes its findings in English.",
    look: "Look",
    well: "All is well.",
    unwell: "Something wants a look.",
    ok: "fine",
    bad: "needs a look",
    mailTo: "Send a test mail to",
    mailMissing: "Enter an address.",
    send: "Send",
    sent: "The mail went out.",
    unsent: "The mail did not get through.",
    transcript: "What the servers said to each other",
  },
  de: {
    title: "Gesundheit",
    intro:
      "Sieht sich das ganze Haus an und sagt, was bei Befunden zu tun ist. Das Haus schreibt seine Befunde auf Englisch.",
    look: "Nachsehen",
    well: "Alles ist gut.",
    unwell: "Etwas will angesehen werden.",
    ok: "gut",
    bad: "ansehen",
    mailTo: "Eine Probemail schicken an",
    mailMissing: "Gib eine Adresse ein.",
    send: "Schicken",
    sent: "Die Mail ging hinaus.",
    unsent: "Die Mail kam nicht durch.",
    transcript: "Was die Server zueinander sagten",
  },
});
