/** What is remembered as bytes comes back as it was, and never as another's. */
import { expect, test } from "bun:test";
import { type Aside, type Codec, makeShelf } from "../../src/identity/shelf.ts";

interface Person {
  readonly owner: string;
  readonly name: string | null;
  readonly nick: string | null;
  readonly at: Date | null;
  readonly count: number;
  readonly aside?: Aside;
}

const codec: Codec<Person> = {
  owner: ({ owner }) => owner,
  numbers: ({ at, count }) => [at, count],
  texts: ({ name, nick }) => [name, nick],
  make: (row, aside) => ({
    owner: row.owner,
    at: row.timeOrNull(0),
    count: row.number(1),
    name: row.textOrNull(0),
    nick: row.textOrNull(1),
    aside: aside(),
  }),
};

const mebibyte = 1024 * 1024;
const person = (owner: string, more: Partial<Person> = {}): Person => ({
  ...{ owner, name: "Ada", nick: null, at: new Date(1), count: 1 },
  ...more,
});

function bare(found: Person | undefined) {
  if (!found) return undefined;
  const { aside: _, ...rest } = found;
  return rest;
}

const shelf = (most = mebibyte) => makeShelf(codec, most);

const samples: Partial<Person>[] = [
  {},
  { name: null, nick: null, at: null },
  { name: "", nick: "" },
  { name: null, nick: "last" },
  { name: "first", nick: null },
  { name: "Zoë\0\n" },
  { name: "Ада Лавлейс", nick: "🗝️ключ" },
  { name: "x".repeat(5000), count: -1.5 },
  { at: new Date(0), count: Number.MAX_SAFE_INTEGER },
];

test("what is put away comes back as it was, whatever it says", () => {
  const own = shelf();
  for (const [index, sample] of samples.entries()) own.put(`k${index}`, person(`o${index}`, sample));
  for (const [index, sample] of samples.entries())
    expect(bare(own.get(`k${index}`))).toEqual(person(`o${index}`, sample));
  for (const key of ["", "k", "k00", "ключ"]) expect(own.get(key)).toBeUndefined();
});

test("keys and owners may be in any letters, and keys whose sums are alike are told apart", () => {
  const own = shelf();
  // These two have one FNV-1a sum.
  for (const key of ["costarring", "liquid", "ключ", ""]) own.put(key, person(`${key}!`, { name: key }));
  for (const key of ["costarring", "liquid", "ключ", ""])
    expect(bare(own.get(key))).toEqual(person(`${key}!`, { name: key }));
  own.forget("costarring!");
  expect(own.get("costarring")).toBeUndefined();
  expect(own.get("liquid")?.name).toBe("liquid");
});

test("what is put in another's place takes it, larger or smaller, also for another owner", () => {
  const own = shelf();
  for (const name of ["middle", "x".repeat(900), "s"]) {
    own.put("k", person("ada", { name }));
    expect(own.get("k")?.name).toBe(name);
  }
  own.put("k", person("bob"));
  own.forget("ada");
  expect(own.get("k")?.owner).toBe("bob");
  own.forget("bob");
  expect(own.get("k")).toBeUndefined();
});

test("an owner's values go and change together, and nobody else's", () => {
  const own = shelf();
  for (let index = 0; index < 300; index++) own.put(`k${index}`, person(`o${index % 3}`, { count: index }));
  own.amend("o1", (value) => ({ ...value, name: "x".repeat(value.count) }));
  own.amend("o2", (value) => value);
  own.forget("o0");
  for (let index = 0; index < 300; index++) {
    const found = own.get(`k${index}`);
    if (index % 3 === 0) expect(found).toBeUndefined();
    else expect(found?.name).toBe(index % 3 === 1 ? "x".repeat(index) : "Ada");
    if (found) expect(found.count).toBe(index);
  }
});

test("no more is kept than there is room for: the oldest goes, and what is left is right", () => {
  const own = shelf();
  const most = 20_000;
  for (let index = 0; index < most; index++) {
    own.put(`k${index}`, person(`o${index % 7}`, { name: `n${index}` }));
    if (index % 1000 === 0) own.forget(`o${index % 3}`);
    if (index % 1500 === 0) own.amend(`o${index % 5}`, (value) => ({ ...value, nick: "again" }));
  }
  let kept = 0;
  for (let index = 0; index < most; index++) {
    const found = own.get(`k${index}`);
    if (!found) continue;
    kept++;
    expect([found.owner, found.name]).toEqual([`o${index % 7}`, `n${index}`]);
  }
  expect(kept).toBeGreaterThan(3000);
  expect(kept).toBeLessThan(mebibyte / 80);
  expect(own.get("k0")).toBeUndefined();
  expect(own.get(`k${most - 1}`)?.name).toBe(`n${most - 1}`);
  for (let name = 0; name < 7; name++) own.forget(`o${name}`);
  for (let index = 0; index < most; index++) expect(own.get(`k${index}`)).toBeUndefined();
});

test("however often few values change, come and go, they take little room", () => {
  const usual = globalThis.ArrayBuffer;
  let made = 0;
  globalThis.ArrayBuffer = class extends usual {
    constructor(length: number) {
      super(length);
      made += length;
    }
  } as typeof usual;
  try {
    const own = shelf(64 * mebibyte);
    for (let turn = 0; turn < 2000; turn++)
      for (let index = 0; index < 20; index++) {
        own.forget(`o${index}`);
        own.put(`k${index}`, person(`o${index}`, { name: `${turn} ${"x".repeat(500)}`, count: index }));
        expect(own.get(`k${index}`)?.count).toBe(index);
      }
    expect(made).toBe(mebibyte / 4);
    // One that stays large has the room it needs.
    for (let index = 0; index < 20_000; index++)
      own.put(`large${index}`, person(`l${index}`, { name: "x".repeat(500), count: index }));
    for (let index = 0; index < 20_000; index++) expect(own.get(`large${index}`)?.count).toBe(index);
    expect(made).toBeLessThan(16 * mebibyte);
  } finally {
    globalThis.ArrayBuffer = usual;
  }
});

test("cleared, it is empty, and has room again", () => {
  const own = shelf();
  for (let turn = 0; turn < 3; turn++) {
    for (let index = 0; index < 6000; index++) own.put(`k${index}`, person("ada", { count: turn }));
    expect(own.get("k5999")?.count).toBe(turn);
    own.clear();
    expect(own.get("k5999")).toBeUndefined();
    own.forget("ada");
  }
});

test("what has no room in a block is not kept, and takes the place of nothing", () => {
  const own = shelf();
  own.put("k", person("ada"));
  own.put("k", person("ada", { name: "x".repeat(300_000) }));
  expect(own.get("k")).toBeUndefined();
  own.put("k", person("ada"));
  expect(own.get("k")?.name).toBe("Ada");
});

/** Writes until it is kept: the first time there may be no room yet. */
function note(own: ReturnType<typeof shelf>, key: string, text: string) {
  own.get(key)?.aside?.write(text);
  own.get(key)?.aside?.write(text);
}

test("a text is kept beside a value until the value changes", () => {
  const own = shelf();
  const changes: ((key: string) => void)[] = [
    (key) => own.put(key, person("ada")),
    () => own.amend("ada", (value) => ({ ...value, count: 2 })),
    (key) => {
      own.forget("ada");
      own.put(key, person("ada"));
    },
    (key) => {
      own.clear();
      own.put(key, person("ada"));
    },
  ];
  for (const change of changes)
    for (const text of ["plain", "длинный текст", "x".repeat(2000), ""]) {
      own.put("k", person("ada"));
      own.put("other", person("bob"));
      note(own, "k", text);
      note(own, "other", `of bob ${text}`);
      expect(own.get("k")?.aside?.read()).toBe(text);
      const before = own.get("k")?.aside;
      change("k");
      expect(before?.read() ?? null).toBeNull();
      expect(own.get("k")?.aside?.read()).toBeNull();
      before?.write("late");
      expect(own.get("k")?.aside?.read()).toBeNull();
    }
});

test("texts beside thousands of values are never each other's, whatever goes in between", () => {
  const own = shelf();
  let read = 0;
  for (let turn = 0; turn < 4; turn++)
    for (let index = 0; index < 3000; index++) {
      const key = `k${index}`;
      if (!own.get(key)) own.put(key, person(`o${index}`, { name: key }));
      const known = own.get(key)?.aside?.read();
      if (known != null) {
        read++;
        expect(known).toBe(`text of ${key} ${"x".repeat(index % 90)}`);
      } else note(own, key, `text of ${key} ${"x".repeat(index % 90)}`);
      if (index % 97 === 0) own.forget(`o${index - 1}`);
    }
  expect(read).toBeGreaterThan(100);
});
