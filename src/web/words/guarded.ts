import { catalogue } from "../parts/language.ts";

/** The applications that a proxy keeps behind a sign-in here. */
export const guarded = catalogue({
  en: {
    title: "Guarded applications",
    intro:
      "What your proxy asks this house about before it lets somebody in, and the paths that are open to everybody.",
    noDomain:
      "Sessions stay with this host. For one sign-in in front of other applications, set HOUSEKEY_COOKIE_DOMAIN to the domain they share, like example.org, and start anew.",
    none: "No application was asked about yet. The lines for Caddy, nginx and Traefik are in the manual.",
    lastAsked: "last asked about",
    notAsked: "not asked about yet",
    allGuarded: "Nothing is open.",
    open: "Open to everybody:",
    close: "Close",
    closeLabel: (path: string, host: string) => `Close ${path} of ${host}`,
    closed: "Closed.",
    host: "Host of the application",
    hostWrong: "Like app.example.org, without https:// and path.",
    path: "Path that is open to everybody",
    pathHint: "It opens itself and all that lies beneath it. Capitals count.",
    pathWrong: "Like /public: no %, //, ;, ?, #, comma or backslash.",
    add: "Open this path",
    opened: "Open to everybody now.",
    known: "It is open already.",
  },
  de: {
    title: "Geschützte Anwendungen",
    intro:
      "Wonach dein Proxy dieses Haus fragt, bevor er jemanden einlässt, und die Pfade, die allen offen stehen.",
    noDomain:
      "Sitzungen bleiben bei diesem Host. Für eine Anmeldung vor anderen Anwendungen setze HOUSEKEY_COOKIE_DOMAIN auf die gemeinsame Domain, etwa example.org, und starte neu.",
    none: "Noch wurde nach keiner Anwendung gefragt. Die Zeilen für Caddy, nginx und Traefik stehen in der Anleitung.",
    lastAsked: "zuletzt gefragt",
    notAsked: "noch nicht gefragt",
    allGuarded: "Nichts ist offen.",
    open: "Für alle offen:",
    close: "Schließen",
    closeLabel: (path: string, host: string) => `${path} von ${host} schließen`,
    closed: "Geschlossen.",
    host: "Host der Anwendung",
    hostWrong: "Wie app.example.org, ohne https:// und Pfad.",
    path: "Pfad, der allen offen steht",
    pathHint: "Er öffnet sich selbst und alles darunter. Großbuchstaben zählen.",
    pathWrong: "Wie /public: ohne %, //, ;, ?, #, Komma und Backslash.",
    add: "Diesen Pfad öffnen",
    opened: "Steht jetzt allen offen.",
    known: "Er ist schon offen.",
  },
});
