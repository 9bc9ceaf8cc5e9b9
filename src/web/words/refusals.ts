/** What a refusal means for the person who reads it, by its code. The house's own sentences are English. */
import type { Detail, Refused } from "../parts/ask.ts";
import { catalogue, language } from "../parts/language.ts";
import { sentencesInGerman } from "./sentences.ts";

/** Where English has `null`, the house's own sentence says more than the code. */
const english = {
  ACCOUNT_DISABLED: "This account is disabled. Ask whoever looks after this house.",
  ALREADY_BOOTSTRAPPED: null,
  ALREADY_ENABLED: null,
  API_KEY_NOT_ALLOWED: null,
  BODY_TOO_LARGE: "This is too long to be sent.",
  BOOTSTRAP_TOKEN_INVALID: null,
  BUSY: null,
  CODE_ALREADY_DECIDED: "This code was already answered, perhaps in another window.",
  EMAIL_TAKEN: null,
  FORBIDDEN: null,
  FRESH_LOGIN_REQUIRED: null,
  INTERNAL: "Something broke in the house, not on your side. Try again; if it stays, its log says more.",
  INVALID_CHALLENGE: "This took too long, or had too many wrong codes. Sign in again.",
  INVALID_CODE: "This code is not right. Check that it is the newest one, and whole.",
  INVALID_CREDENTIALS: null,
  INVALID_PROVIDER: null,
  INVALID_REQUEST: null,
  INVALID_TOKEN: "This link is wrong, used up or expired. Ask for a new one.",
  LAST_ADMIN: "The house needs at least one admin. Make somebody else an admin first.",
  LAST_SIGN_IN_METHOD:
    "After this you could not sign in any more. Add another way first: a password or a passkey.",
  LOCAL_LOGIN_DISABLED: "Passwords are switched off in this house. Sign in another way.",
  NOT_ENABLED: null,
  NOT_FOUND: "It is not there any more. Load the page again to see what is.",
  ORIGIN_NOT_ALLOWED: null,
  PASSKEY_REJECTED: "This passkey is not known here, or was removed. Try another one, or another way.",
  RATE_LIMITED: "Too many tries. Wait a little, then try again.",
  REGISTRATION_CLOSED: "New accounts are by invitation only.",
  SETTING_FIXED: null,
  STORE_UNAVAILABLE: null,
  TOTP_REQUIRED: null,
  UNAUTHENTICATED: "Your session has ended. Sign in again.",
  UNSUPPORTED_MEDIA_TYPE: null,
  UPSTREAM_DENIED: "The sign-in provider said no.",
  UPSTREAM_UNAVAILABLE: "The sign-in provider cannot be reached. Try again, or sign in another way.",
  USERNAME_TAKEN: null,
  WEAK_PASSWORD: null,
  CANCELLED: "Nothing was changed, because you did not confirm that it is you.",
  COOKIE_REFUSED: "You signed in, but this browser did not keep the cookie. Allow cookies for this address.",
  COPY_REFUSED: "This browser does not let the page copy. Select the text and copy it yourself.",
  PASSKEY_CANCELLED:
    "No passkey was used: the window was closed, or took too long. Try again, or another way.",
  PASSKEY_EXISTS: "This device already has a passkey for this account.",
  PASSKEY_FAILED: "The passkey could not be used. Try again, or another way.",
  PASSKEY_INSECURE: "Passkeys need a name with https, or localhost. Open this house at its https address.",
  UNREACHABLE: "The house does not answer. Check that Housekey is running, then try again.",
} satisfies Record<string, string | null>;

export type WordedCode = keyof typeof english;

const german: Readonly<Record<WordedCode, string>> = {
  ACCOUNT_DISABLED: "Dieses Konto ist gesperrt. Frag, wer sich um dieses Haus kümmert.",
  ALREADY_BOOTSTRAPPED: "Dieses Haus ist schon eingerichtet. Melde dich an.",
  ALREADY_ENABLED: "Das ist schon eingeschaltet.",
  API_KEY_NOT_ALLOWED: "Das darf kein API-Schlüssel. Melde dich als Person an.",
  BODY_TOO_LARGE: "Das ist zu lang, um gesendet zu werden.",
  BOOTSTRAP_TOKEN_INVALID:
    "Dieses Einrichtungs-Token ist falsch, verbraucht oder abgelaufen. Auf dem Server druckt „housekey bootstrap-token“ einen neuen Link.",
  BUSY: "Zu viele Anmeldungen auf einmal. Versuch es gleich noch einmal.",
  CODE_ALREADY_DECIDED: "Dieser Code wurde schon beantwortet, vielleicht in einem anderen Fenster.",
  EMAIL_TAKEN: "Diese Adresse gehört zu einem anderen Konto.",
  FORBIDDEN: "Dein Konto darf das nicht.",
  FRESH_LOGIN_REQUIRED: "Bestätige, dass du es bist, dann versuch es noch einmal.",
  INTERNAL:
    "Im Haus ging etwas schief, nicht bei dir. Versuch es noch einmal; bleibt es so, weiß das Protokoll mehr.",
  INVALID_CHALLENGE:
    "Das hat zu lange gedauert, oder es waren zu viele falsche Codes. Melde dich noch einmal an.",
  INVALID_CODE: "Dieser Code stimmt nicht. Ist es der neueste, und ist er vollständig?",
  INVALID_CREDENTIALS: "Name oder Passwort ist falsch.",
  INVALID_PROVIDER: "Der Anmeldedienst hat nicht geantwortet, wie er sollte.",
  INVALID_REQUEST: "Etwas fehlt, oder ist nicht, wie es sein soll.",
  INVALID_TOKEN: "Dieser Link ist falsch, verbraucht oder abgelaufen. Lass dir einen neuen geben.",
  LAST_ADMIN: "Das Haus braucht mindestens einen Admin. Mach zuerst jemand anderen zum Admin.",
  LAST_SIGN_IN_METHOD:
    "Danach könntest du dich nicht mehr anmelden. Richte zuerst einen anderen Weg ein: ein Passwort oder einen Passkey.",
  LOCAL_LOGIN_DISABLED: "Passwörter sind in diesem Haus abgeschaltet. Melde dich auf anderem Weg an.",
  NOT_ENABLED: "Das ist nicht eingeschaltet.",
  NOT_FOUND: "Das gibt es nicht mehr. Lade die Seite neu, um zu sehen, was da ist.",
  ORIGIN_NOT_ALLOWED:
    "Diese Seite liegt nicht an der Adresse des Hauses. Öffne sie dort, oder berichtige HOUSEKEY_URL.",
  PASSKEY_REJECTED:
    "Dieser Passkey ist hier nicht bekannt, oder er wurde entfernt. Versuch einen anderen, oder einen anderen Weg.",
  RATE_LIMITED: "Zu viele Versuche. Warte ein wenig, dann versuch es noch einmal.",
  REGISTRATION_CLOSED: "Neue Konten gibt es nur auf Einladung.",
  SETTING_FIXED: "Das legt die Umgebung fest, in der Housekey läuft.",
  STORE_UNAVAILABLE: "Gerade kann nichts gespeichert werden. Versuch es gleich noch einmal.",
  TOTP_REQUIRED: "Gib den Code aus deiner Authenticator-App ein.",
  UNAUTHENTICATED: "Deine Sitzung ist beendet. Melde dich noch einmal an.",
  UNSUPPORTED_MEDIA_TYPE: "Das Haus versteht diese Anfrage nicht.",
  UPSTREAM_DENIED: "Der Anmeldedienst hat abgelehnt.",
  UPSTREAM_UNAVAILABLE:
    "Der Anmeldedienst ist nicht erreichbar. Versuch es noch einmal, oder auf anderem Weg.",
  USERNAME_TAKEN: "Dieser Benutzername ist vergeben.",
  WEAK_PASSWORD: "Wähl ein stärkeres Passwort.",
  CANCELLED: "Nichts wurde geändert, weil du nicht bestätigt hast, dass du es bist.",
  COOKIE_REFUSED:
    "Du bist angemeldet, aber dieser Browser hat das Cookie nicht behalten. Erlaube Cookies für diese Adresse.",
  COPY_REFUSED: "Dieser Browser lässt die Seite nicht kopieren. Markiere den Text und kopiere ihn selbst.",
  PASSKEY_CANCELLED:
    "Kein Passkey wurde benutzt: das Fenster wurde geschlossen, oder es hat zu lange gedauert. Versuch es noch einmal, oder auf anderem Weg.",
  PASSKEY_EXISTS: "Dieses Gerät hat schon einen Passkey für dieses Konto.",
  PASSKEY_FAILED: "Der Passkey ließ sich nicht benutzen. Versuch es noch einmal, oder auf anderem Weg.",
  PASSKEY_INSECURE:
    "Passkeys brauchen einen Namen mit https, oder localhost. Öffne dieses Haus an seiner https-Adresse.",
  UNREACHABLE: "Das Haus antwortet nicht. Sieh nach, ob Housekey läuft, dann versuch es noch einmal.",
};

const waits = catalogue({
  en: {
    tooMany: (wait: string) => `Too many tries. Try again in ${wait}.`,
    logged: (id: string) => `The log has more under ${id}.`,
    seconds: (count: number) => (count <= 1 ? "a second" : `${count} seconds`),
    minutes: (count: number) => `${count} minutes`,
  },
  de: {
    tooMany: (wait: string) => `Zu viele Versuche. Versuch es in ${wait} noch einmal.`,
    logged: (id: string) => `Das Protokoll hat mehr unter ${id}.`,
    seconds: (count: number) => (count <= 1 ? "einer Sekunde" : `${count} Sekunden`),
    minutes: (count: number) => `${count} Minuten`,
  },
});

const isWorded = (code: string): code is WordedCode => Object.hasOwn(english, code);

/** The sentence for a refusal. The wait and the number of a failure stand beside the house's sentence; here they belong into it. */
export function inWords({ code, message, details, wait }: Refused): string {
  const t = waits();
  if (code === "RATE_LIMITED" && wait !== null)
    return t.tooMany(wait < 120 ? t.seconds(wait) : t.minutes(Math.ceil(wait / 60)));
  const sentence = sentenceFor(code, message);
  return code === "INTERNAL" && details[0] ? `${sentence} ${t.logged(details[0].message)}` : sentence;
}

/** The sentence for a code alone, as it comes in an address. */
export const codeInWords = (code: string): string | null =>
  isWorded(code) ? (language() === "de" ? german[code] : english[code]) : null;

function sentenceFor(code: string, message: string): string {
  if (!isWorded(code)) return message;
  if (language() === "en") return english[code] ?? message;
  return sentencesInGerman(message) ?? german[code];
}

/** What is wrong with one field. */
export const detailInWords = ({ message }: Detail): string =>
  language() === "en" ? message : (sentencesInGerman(message) ?? message);
