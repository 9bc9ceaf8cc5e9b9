import { expect, test } from "bun:test";
import { type Codec, makeShelf } from "../../src/identity/shelf.ts";
import { makeMemory } from "../../src/store/memory.ts";

interface Value {
  readonly owner: string;
  readonly load: number;
}

const codec: Codec<Value> = {
  owner: ({ owner }) => owner,
  numbers: ({ load }) => [load],
  texts: () => [],
  make: (row) => ({ owner: row.owner, load: row.number(0) }),
};

/** A memory whose loads the test counts and, when it likes, ends by hand. */
function remembering() {
  let loads = 0;
  let moved = false;
  const memory = makeMemory<Value>({
    shelf: makeShelf(codec, 1024 * 1024),
    moved() {
      const was = moved;
      moved = false;
      return was;
    },
  });
  return {
    memory,
    loads: () => loads,
    /** Another process commits. */
    move() {
      moved = true;
    },
    ask: async (key: string, owner = key) => memory.recall(key, async () => ({ owner, load: ++loads })),
    /** Whether `key` is remembered; asking does not make it so. */
    async knows(key: string) {
      let asked = false;
      await memory.recall(key, async () => {
        asked = true;
        return null;
      });
      return !asked;
    },
    /** A read that has begun and ends when it is told to. */
    begin(key: string, value: Value | null = { owner: key, load: 0 }) {
      const { promise, resolve } = Promise.withResolvers<Value | null>();
      const read = memory.recall(key, () => promise);
      return async () => {
        resolve(value);
        return read;
      };
    },
  };
}

test("what was loaded once is answered at once, without loading", async () => {
  const { memory, ask, loads } = remembering();
  const first = await ask("a");
  const again = memory.recall("a", () => Promise.reject(new Error("loaded again")));
  expect<unknown>(again).toEqual(first);
  expect(loads()).toBe(1);
});

test("what was not found is asked for again, since it may be there by then", async () => {
  const { memory, knows } = remembering();
  expect(await memory.recall("a", async () => null)).toBeNull();
  expect(await knows("a")).toBe(false);
});

test("a load that fails tells its caller, and the next one asks again", async () => {
  const { memory, ask } = remembering();
  const failing = async () => memory.recall("a", () => Promise.reject(new Error("no")));
  await expect(failing()).rejects.toThrow("no");
  expect(await ask("a")).toEqual({ owner: "a", load: 1 });
});

test("an owner's change forgets everything of theirs and nothing of others'", async () => {
  const { memory, ask, knows } = remembering();
  for (const key of ["a1", "a2", "a3"]) await ask(key, "ada");
  for (const key of ["b1", "b2"]) await ask(key, "bob");
  memory.forget("ada");
  expect(await Promise.all(["a1", "a2", "a3", "b1", "b2"].map(knows))).toEqual([
    false,
    false,
    false,
    true,
    true,
  ]);
  await ask("a1", "ada");
  memory.forget("ada");
  expect(await knows("a1")).toBe(false);
  memory.forget("nobody");
  expect(await knows("b1")).toBe(true);
});

test("a clearing forgets everything, and so does another process's commit, once", async () => {
  const { memory, move, ask, knows } = remembering();
  const forget: (() => void)[] = [memory.clear, move];
  for (const act of forget) {
    for (const key of ["a", "b"]) await ask(key);
    act();
    expect(await Promise.all(["a", "b"].map(knows))).toEqual([false, false]);
  }
  await ask("a");
  expect(await knows("a")).toBe(true);
});

const changes: Record<string, (house: ReturnType<typeof remembering>) => unknown> = {
  "its own account changed": ({ memory }) => memory.forget("a"),
  // The read does not know whose it is before it has ended.
  "some account changed": ({ memory }) => memory.forget("b"),
  "everything changed": ({ memory }) => memory.clear(),
  "another process committed, as another read noticed": ({ move, knows }) => {
    move();
    return knows("b");
  },
  "another process committed, and nobody has noticed yet": ({ move }) => move(),
};
for (const [what, change] of Object.entries(changes))
  test(`a read begun before a change and ended after it is not remembered: ${what}`, async () => {
    const house = remembering();
    const end = house.begin("a");
    await change(house);
    expect(await end()).toEqual({ owner: "a", load: 0 });
    expect(await house.knows("a")).toBe(false);
  });

test("a read begun after a change is remembered, though one begun before it is still running", async () => {
  const { memory, ask, begin } = remembering();
  const end = begin("a");
  memory.forget("a");
  const fresh = await ask("a");
  await end();
  expect<unknown>(memory.recall("a", () => Promise.reject(new Error("loaded again")))).toEqual(fresh);
});

test("two reads at once of one thing leave one remembered, which a change forgets", async () => {
  const { memory, knows, begin } = remembering();
  const ends = [begin("a", { owner: "ada", load: 1 }), begin("a", { owner: "ada", load: 2 })];
  for (const end of ends) await end();
  expect(await knows("a")).toBe(true);
  memory.forget("ada");
  expect(await knows("a")).toBe(false);
});

test("an owner's values are amended in their places, and a read begun before that is not remembered", async () => {
  const { memory, ask, knows, begin } = remembering();
  for (const key of ["a1", "a2"]) await ask(key, "ada");
  await ask("b", "bob");
  const end = begin("a3", { owner: "ada", load: 0 });
  memory.amend("ada", (value) => ({ ...value, load: value.load + 10 }));
  await end();
  expect(await Promise.all(["a1", "a2", "b"].map((key) => ask(key)))).toEqual([
    { owner: "ada", load: 11 },
    { owner: "ada", load: 12 },
    { owner: "bob", load: 3 },
  ]);
  expect(await knows("a3")).toBe(false);
});
