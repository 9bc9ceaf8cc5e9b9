/** The house's sentences about single fields, in German. A test holds that the house still says them. */

const exact: Readonly<Record<string, string>> = {
  "This is required.": "Das fehlt noch.",
  "1 to 64 of the letters a to z, digits, dot, dash and underscore.":
    "1 bis 64 Zeichen: Buchstaben a bis z, Ziffern, Punkt, Strich und Unterstrich.",
  "An e-mail address of at most 254 characters.": "Eine E-Mail-Adresse mit höchstens 254 Zeichen.",
  "This password contains half a character. Type it again.":
    "Dieses Passwort enthält ein halbes Zeichen. Tipp es noch einmal.",
  "Do not use your own name or address as the password.":
    "Nimm nicht deinen eigenen Namen oder deine Adresse als Passwort.",
  "This is one of the most used passwords. Choose another.":
    "Das ist eines der meistbenutzten Passwörter. Wähl ein anderes.",
  "Enter the code that was mailed to you, or one from your authenticator app.":
    "Gib den Code ein, der dir gemailt wurde, oder einen aus deiner Authenticator-App.",
  "Use your passkey to confirm that it is you.": "Nimm deinen Passkey, um zu bestätigen, dass du es bist.",
  "The environment decides this one.": "Das legt die Umgebung fest.",
  "Enter your password to confirm that it is you.":
    "Gib dein Passwort ein, um zu bestätigen, dass du es bist.",
  "Enter the password you have now.": "Gib das Passwort ein, das du jetzt hast.",
  "Like https://auth.example.org, with nothing behind the host and port.":
    "Wie https://auth.example.org, nichts hinter Host und Port.",
};

const patterns: readonly (readonly [RegExp, (number: string) => string])[] = [
  [/^Use at least (\d+) characters\.$/, (number) => `Nimm mindestens ${number} Zeichen.`],
  [/^Use at most (\d+) characters\.$/, (number) => `Nimm höchstens ${number} Zeichen.`],
  [/^Must be text of \d+ to (\d+) characters\.$/, (number) => `Höchstens ${number} Zeichen.`],
];

export const knownSentences = Object.keys(exact);

/** Null when the house has learnt a sentence that nobody put into German yet. */
export function sentencesInGerman(message: string): string | null {
  const found = exact[message];
  if (found !== undefined) return found;
  for (const [pattern, say] of patterns) {
    const [, number] = pattern.exec(message) ?? [];
    if (number !== undefined) return say(number);
  }
  return null;
}
