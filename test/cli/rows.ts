/**
 * Every command there is, and what its example needs to be there before it works as it is written. A command
 * without a row fails `every-command.test.ts`.
 */
export interface Row {
  /**
   * `house`: does something with the house in a folder; `client`: speaks to a running one; `machine`: changes the
   * system it runs on; `nothing`: needs none.
   * A command that ends only when it is told to, or waits for somebody, is run by a story of its own.
   */
  readonly needs: "house" | "client" | "machine" | "nothing";

  /** Commands that come before it, on the same house. */
  readonly before?: readonly (readonly string[])[];

  /** What stands in the example for something that only a real house has. */
  readonly stands?: Readonly<Record<string, string>>;

  /** It wants that somebody decided where the house is. */
  readonly addressed?: true;

  /** What it does without a server; otherwise the same as beside one. */
  readonly alone?: "is refused";

  /** The same beside a server; otherwise as without one. */
  readonly served?: "is refused";

  /** It asks at the terminal, and this is answered, however often. */
  readonly answers?: string;

  /** It makes the folder when there is none. */
  readonly makes?: "the folder";

  /** It is run by a story of its own: see there. */
  readonly own?: true;
}

const grace = ["user", "add", "grace", "--email", "grace@example.org"];
const elsewhere = ["settings", "url", "https://auth.example.org"];
const moved = ["domain", "move", "auth.example.org", "id.example.com"];
const secret = "correct horse battery staple";

export const rows: Readonly<Record<string, Row>> = {
  serve: { needs: "house", makes: "the folder", own: true },
  "bootstrap-token": { needs: "house" },
  recover: { needs: "house", before: [["user", "add", "lovelace", "--email", "ada@example.org"]] },
  "user list": { needs: "house", before: [grace] },
  "user add": { needs: "house" },
  "user disable": { needs: "house", before: [grace] },
  "user enable": { needs: "house", before: [grace, ["user", "disable", "grace"]] },
  settings: { needs: "house" },
  "domain move": { needs: "house", before: [elsewhere] },
  "domain status": { needs: "house", before: [elsewhere, moved] },
  "domain end": { needs: "house", before: [elsewhere, moved] },
  "keys rotate": { needs: "house" },
  backup: { needs: "house", answers: secret },
  restore: {
    needs: "house",
    before: [["backup", "FOLDER/house.tar.gz.age", "--passphrase-file", "FOLDER/secret"]],
    answers: secret,
    served: "is refused",
    makes: "the folder",
  },
  verify: { needs: "house" },
  doctor: {
    needs: "house",
    stands: { "https://auth.example.org": "URL" },
    addressed: true,
    alone: "is refused",
  },
  healthcheck: { needs: "house", alone: "is refused" },
  version: { needs: "nothing" },
  login: { needs: "client", own: true },
  whoami: { needs: "client" },
  logout: { needs: "client" },
  "api-keys create": { needs: "client" },
  "api-keys list": { needs: "client" },
  "api-keys delete": { needs: "client", stands: { key_01kg0q2v9hexq8t4n7c5m3b2za: "KEY" } },
  help: { needs: "nothing" },
  // It takes its time: in `bench.test.ts`.
  bench: { needs: "nothing", own: true },
  // On a system of their own, in `service.test.ts`.
  "service install": { needs: "machine", own: true },
  "service uninstall": { needs: "machine", own: true },
};
