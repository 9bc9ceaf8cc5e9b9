/** A half-finished sign-in has no power anywhere: tried on every endpoint of the description. */
import { expect, test } from "bun:test";
import { mintProof } from "../../src/identity/proof.ts";
import { password } from "../harness.ts";
import { documentOf, endpointsOf } from "../openapi/document.ts";
import { openScene } from "../openapi/scene.ts";
import { dump } from "../openapi/tables.ts";

test("no token of a half-finished sign-in opens an endpoint, by header or by cookie", async () => {
  await using scene = await openScene();
  const { house, secured } = scene;
  const { body } = await house.post("/api/v1/auth/login", { email: "secured", password });
  const minted = (purpose: "upstream" | "passkey") =>
    house.core.store.write((tx) =>
      mintProof(house.core, tx, { purpose, userId: secured.user.id, methods: ["oidc"], seconds: 300 }),
    );
  const halves = {
    "a challenge": body.challenge_token,
    "a challenge after a provider": (await minted("upstream")).token,
    "a passkey's proof": (await minted("passkey")).token,
  };
  for (const endpoint of endpointsOf(await documentOf(house)).filter(({ security }) => security.length > 0))
    for (const [what, half] of Object.entries(halves))
      for (const shown of [{ token: half }, { cookie: `housekey=${half}` }]) {
        const before = dump(house);
        const { status, body } = await scene.ask(endpoint, shown);
        const seen = [
          endpoint.key,
          what,
          status,
          body?.error?.code.replace("UNAUTHORIZED", "UNAUTHENTICATED"),
        ];
        expect(seen).toEqual([endpoint.key, what, 401, "UNAUTHENTICATED"]);
        expect([endpoint.key, what, dump(house) === before]).toEqual([endpoint.key, what, true]);
      }
});
