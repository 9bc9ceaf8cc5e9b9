/** A house to be visited with a browser. */
import type { Page } from "playwright-core";
import { admin, emptyFolder, type HouseOptions, startHouse } from "../binary.ts";

/** A house in an empty folder, under the address that a person would open. */
export async function newHouse(options: Omit<HouseOptions, "cwd"> = {}) {
  const folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, ...options });
  return {
    house,
    folder,
    origin: house.url.replace("127.0.0.1", "localhost"),
    async [Symbol.asyncDispose]() {
      await house.stop();
      folder[Symbol.dispose]();
    },
  };
}

export async function fill(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) await page.locator(`[name=${name}]`).fill(value);
}

export async function signIn(page: Page, origin: string, password = admin.password): Promise<void> {
  await page.goto(`${origin}/login`);
  await fill(page, { username: admin.username, password });
  await page.keyboard.press("Enter");
}

export const heading = (page: Page, name: string) => page.getByRole("heading", { name, exact: true });

export const button = (page: Page, name: string | RegExp) =>
  page.getByRole("button", { name, exact: typeof name === "string" });

/** The name of the field that has the focus. */
export const focused = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.activeElement?.getAttribute("name") ?? null);
