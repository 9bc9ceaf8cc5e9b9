/** A test that fails with a house still served: `left-behind.test.ts` runs it and looks what is left. */
import { expect, test } from "bun:test";
import { emptyFolder, startHouse } from "../../binary.ts";

test("it fails before it stops its house", async () => {
  const folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  console.error(`house ${house.child.pid}`);
  expect(house.url).toBe("nowhere");
});
