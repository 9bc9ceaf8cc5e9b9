import { expect, test } from "bun:test";
import { locationOf, openHouse, visit, whoIs } from "./visit.ts";

test("a person whom the provider knows and the house does not gets an account, and is where they wanted to go", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const back = await visit(visited, undefined, "/settings?tab=keys#new");
  expect([back.status, locationOf(back), back.text]).toEqual([302, "/settings?tab=keys#new", ""]);
  const { user, session } = await whoIs(visited, back);
  expect(user).toMatchObject({
    username: "grace",
    email: "grace@example.com",
    email_verified: true,
    name: "Grace Hopper",
    role: "member",
  });
  expect(session).toMatchObject({ kind: "web", methods: ["oidc"] });
  const again = await visit(visited);
  expect((await whoIs(visited, again)).user.id).toBe(user.id);
});
