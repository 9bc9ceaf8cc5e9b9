/** Everything that goes wrong is one line: lower case, no full stop. */
import { expect, test } from "bun:test";
import { UsageError } from "../../src/cli/command.ts";
import { wording } from "../../src/cli/wording.ts";
import { Failure } from "../../src/host/failure.ts";
import { Refusal } from "../../src/identity/refusal.ts";

test("a refusal is said in the words of the wire, its sentences joined", () => {
  expect(wording(new Refusal("USERNAME_TAKEN"))).toBe("this username is taken");
  expect(wording(new Refusal("API_KEY_NOT_ALLOWED"))).toBe("an API key cannot do this; sign in as a person");
  expect(wording(new Refusal("WEAK_PASSWORD", { message: "Too short. Use more." }))).toBe(
    "too short; use more",
  );
});

test("in front is what it is about; of an invalid request, what was expected", () => {
  const about = (path: string, message: string) => ({ details: [{ path, message }] });
  expect(wording(new Refusal("SETTING_FIXED", about("url", "The environment decides this one.")))).toBe(
    "url: this is decided by the environment Housekey runs in",
  );
  expect(wording(new Refusal("INVALID_REQUEST", about("password", "Use at most 255 characters.")))).toBe(
    "password: use at most 255 characters",
  );
  expect(wording(new Refusal("INVALID_REQUEST"))).toBe(
    "something in the request is missing or not as it should be",
  );
});

test("a store that fails says why, without the query it failed in", () => {
  const engine = new Error("database or disk is full\nand more");
  const cause = new Error("Failed query: insert into users values ('ada')", { cause: engine });
  expect(wording(new Refusal("STORE_UNAVAILABLE", { cause }))).toBe(
    "the data cannot be written right now; try again shortly (database or disk is full)",
  );
});

test("whatever else it was: its first line, as it is but for its beginning and its end", () => {
  expect(wording(new Failure("cannot open x", new Error("Locked\n at y")))).toBe("cannot open x: Locked");
  expect(wording(new UsageError('--name is "A. B. C."; expected less'))).toBe(
    '--name is "A. B. C."; expected less',
  );
  expect(wording(new Error("Something broke.\n  at there"))).toBe("something broke");
  expect(wording("HOUSEKEY_URL is wrong")).toBe("HOUSEKEY_URL is wrong");
});
