/** What the database and the folder it lies in say about each other. */
import type { Check } from "../../identity/verify.ts";
import type { House } from "./house.ts";

const exists = ({ db }: House, condition: string): boolean =>
  db.query<{ found: number }, []>(`SELECT EXISTS (SELECT 1 FROM ${condition}) AS found`).get()?.found === 1;

const admins: Check<House> = {
  name: "admins",
  find(house) {
    const live = exists(house, "users WHERE role = 'admin' AND disabled_at IS NULL");
    if (house.marked !== true || live) return [];
    if (exists(house, "users"))
      return ['no admin can sign in; "housekey bootstrap-token" prints a link that makes one'];
    return ["there once was an admin, and now there is no account at all; restore a backup"];
  },
};

/** Whether the first admin came by another token than the first run's, which then stays unspent. */
const byAnotherToken = "bootstraps WHERE kind = 'admin' AND spent_at IS NOT NULL";

const firstRun: Check<House> = {
  name: "first run",
  find(house) {
    if (house.marked === null || !exists(house, "users WHERE role = 'admin'")) return [];
    if (!house.marked)
      return ['there is an admin, but not the marker that says so; "housekey serve" makes it'];
    const unspent = exists(house, "bootstraps WHERE kind = 'first_run' AND spent_at IS NULL");
    return unspent && !exists(house, byAnotherToken)
      ? ["the first run is over, but its token was not spent"]
      : [];
  },
};

const masterKey: Check<House> = {
  name: "master key",
  find({ db, isOwnKey }) {
    if (isOwnKey === null) return [];
    const known = db.query<{ value: string }, []>("SELECT value FROM house WHERE name = 'key_check'").get();
    if (!known) return ["the database does not say which one it was made with"];
    return isOwnKey(known.value) ? [] : ["not the one this database was made with; restore the right one"];
  },
};

export const folderChecks: readonly Check<House>[] = [admins, firstRun, masterKey];
