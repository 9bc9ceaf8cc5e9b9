import { catalogue } from "../parts/language.ts";
import type { Finding } from "../setup/address.ts";

interface Trouble {
  readonly title: string;
  readonly text: string;
}

type Troubles = Readonly<Record<Finding, (here: string, house: string) => Trouble>>;

const troublesInEnglish: Troubles = {
  elsewhere: (here, house) => ({
    title: "This is not the address of the house",
    text: `You opened ${here}, but Housekey was told that it lives at ${house}. Open the set-up link there. If ${here} is right, correct HOUSEKEY_URL and start Housekey again.`,
  }),
  scheme: (here, house) => ({
    title: "The address differs in http and https",
    text: `You opened ${here}, but Housekey was told that it lives at ${house}. Open it there. If that does not load, nothing serves it yet: see to the certificate of your proxy, or correct HOUSEKEY_URL.`,
  }),
  unnamed: (here) => ({
    title: "Nobody told Housekey this address",
    text: `You opened ${here}. A public name has to be confirmed on the host, so that no stranger can choose it: set HOUSEKEY_URL and start Housekey again.`,
  }),
  host: (here, house) => ({
    title: "The proxy hides the address",
    text: `You opened ${here}, but the request arrived for ${house}. The proxy in front has to pass on the header Host. Add the line for yours:`,
  }),
  insecure: (here) => ({
    title: "Without https there are no passkeys",
    text: `Browsers keep passkeys for https and localhost, and passwords travel in the open at ${here}. Signing in with a password works. For more, put a proxy with a certificate in front:`,
  }),
  number: (here) => ({
    title: "An IP address cannot have passkeys",
    text: `Passkeys belong to a name, and ${here} has none. Signing in with a password works. For more, give the house a name and https:`,
  }),
  untrusted: () => ({
    title: "The proxy is not believed",
    text: "A proxy says who asks, but Housekey was not told to believe it. To the house all visitors look like one, and wrong passwords of one slow down all. Name the address of the proxy:",
  }),
  silent: () => ({
    title: "The proxy does not say who asks",
    text: "The request came through a proxy that leaves out X-Forwarded-For. To the house all visitors look like one, and wrong passwords of one slow down all. Add the line for yours:",
  }),
};

const troublesInGerman: Troubles = {
  elsewhere: (here, house) => ({
    title: "Das ist nicht die Adresse des Hauses",
    text: `Du hast ${here} geöffnet, aber Housekey soll an ${house} wohnen. Öffne den Einrichtungslink dort. Wenn ${here} stimmt, berichtige HOUSEKEY_URL und starte Housekey neu.`,
  }),
  scheme: (here, house) => ({
    title: "Die Adresse unterscheidet sich in http und https",
    text: `Du hast ${here} geöffnet, aber Housekey soll an ${house} wohnen. Öffne es dort. Lädt das nicht, dann bedient es noch niemand: kümmere dich um das Zertifikat deines Proxys, oder berichtige HOUSEKEY_URL.`,
  }),
  unnamed: (here) => ({
    title: "Diese Adresse hat Housekey niemand gesagt",
    text: `Du hast ${here} geöffnet. Ein öffentlicher Name muss auf dem Server bestätigt werden, damit ihn kein Fremder wählen kann: setze HOUSEKEY_URL und starte Housekey neu.`,
  }),
  host: (here, house) => ({
    title: "Der Proxy verbirgt die Adresse",
    text: `Du hast ${here} geöffnet, aber die Anfrage kam für ${house} an. Der Proxy davor muss die Kopfzeile Host weitergeben. Ergänze die Zeile für deinen:`,
  }),
  insecure: (here) => ({
    title: "Ohne https gibt es keine Passkeys",
    text: `Browser behalten Passkeys nur für https und localhost, und an ${here} reisen Passwörter offen. Die Anmeldung mit Passwort geht. Für mehr stell einen Proxy mit Zertifikat davor:`,
  }),
  number: (here) => ({
    title: "Eine IP-Adresse kann keine Passkeys haben",
    text: `Passkeys gehören zu einem Namen, und ${here} hat keinen. Die Anmeldung mit Passwort geht. Für mehr gib dem Haus einen Namen und https:`,
  }),
  untrusted: () => ({
    title: "Dem Proxy wird nicht geglaubt",
    text: "Ein Proxy sagt, wer fragt, aber Housekey weiß nicht, dass es ihm glauben darf. Für das Haus sehen alle Besucher gleich aus, und falsche Passwörter von einem bremsen alle. Nenne die Adresse des Proxys:",
  }),
  silent: () => ({
    title: "Der Proxy sagt nicht, wer fragt",
    text: "Die Anfrage kam durch einen Proxy, der X-Forwarded-For weglässt. Für das Haus sehen alle Besucher gleich aus, und falsche Passwörter von einem bremsen alle. Ergänze die Zeile für deinen:",
  }),
};

export const setup = catalogue({
  en: {
    tab: "Set up",
    title: "Create the admin account",
    intro: "You will sign in with it, and look after this house.",
    token: "Set-up token",
    tokenMissing: "Paste the set-up token, or open the set-up link again.",
    tokenHint: [
      "It was printed in the terminal when Housekey started, and is in the file ",
      "bootstrap-token",
      " in its data folder. ",
      "housekey bootstrap-token",
      " prints the link again.",
    ],
    usernameMissing: "Choose a username.",
    passwordMissing: "Choose a password.",
    create: "Create account",
    closedTitle: "This house already has an admin",
    closedIntro:
      "Sign in with your account. If somebody gave you a set-up token, you can become an admin, too.",
    haveToken: "I have a token",
    readyTitle: "Your account is ready",
    offer: ["This house answers at ", ". Save it as its public address?"],
    offerHint: "Links and sign-ins will belong to this address, and other addresses will stop working.",
    onlyHere: "Only this device can reach it. Choose Later if others should, too.",
    later: "Later",
    browserAt: "This browser is at",
    houseAt: "The house is at",
    undecided: "not decided yet",
    blockedTitle: "The address needs a look first",
    anyway: "Go on anyway",
    open: (house: string) => `Open ${house}`,
    troubles: troublesInEnglish,
  },
  de: {
    tab: "Einrichten",
    title: "Leg das Admin-Konto an",
    intro: "Damit meldest du dich an, und kümmerst dich um dieses Haus.",
    token: "Einrichtungs-Token",
    tokenMissing: "Füg das Einrichtungs-Token ein, oder öffne den Einrichtungslink noch einmal.",
    tokenHint: [
      "Es stand im Terminal, als Housekey startete, und steht in der Datei ",
      "bootstrap-token",
      " im Datenordner. ",
      "housekey bootstrap-token",
      " druckt den Link noch einmal.",
    ],
    usernameMissing: "Wähl einen Benutzernamen.",
    passwordMissing: "Wähl ein Passwort.",
    create: "Konto anlegen",
    closedTitle: "Dieses Haus hat schon einen Admin",
    closedIntro: "Melde dich mit deinem Konto an. Mit einem Einrichtungs-Token kannst auch du Admin werden.",
    haveToken: "Ich habe ein Token",
    readyTitle: "Dein Konto ist fertig",
    offer: ["Dieses Haus antwortet an ", ". Soll das seine öffentliche Adresse sein?"],
    offerHint: "Links und Anmeldungen gehören dann zu dieser Adresse, und andere Adressen gehen nicht mehr.",
    onlyHere: "Nur dieses Gerät kann sie erreichen. Wähl Später, wenn es auch andere sollen.",
    later: "Später",
    browserAt: "Dieser Browser ist an",
    houseAt: "Das Haus ist an",
    undecided: "noch nicht festgelegt",
    blockedTitle: "Zuerst ein Blick auf die Adresse",
    anyway: "Trotzdem weiter",
    open: (house: string) => `${house} öffnen`,
    troubles: troublesInGerman,
  },
});
