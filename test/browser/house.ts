/** A house to be visited with a browser. */
import type { Page } from "playwright-core";
import { admin, emptyFolder, type HouseOptions, startHouse } from "../binary.ts";

/** A house in an empty folder, under the address that a person would open. */
export async function newHouse(options: Omit<HouseOptions, "cwd"> = {}) {
  const folder = emptyFolder();
  let house = await startHouse({ cwd: folder.path, ...options });
  return {
    get house() {
      return house;
    },
    folder,
    /** Another one after `later`. */
    get origin() {
      return house.url.replace("127.0.0.1", "localhost");
    },

    /** Starts the house anew that many minutes ahead of the browser, for which no time has passed. */
    async later(minutes: number): Promise<void> {
      await house.stop();
      // By the library itself: the command `faketime` would stand between the house and its signals.
      const ahead = {
        LD_PRELOAD: "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
        FAKETIME: `+${minutes}m`,
      };
      house = await startHouse({ cwd: folder.path, ...options, env: { ...options.env, ...ahead } });
    },

    async [Symbol.asyncDispose]() {
      await house.stop();
      folder[Symbol.dispose]();
    },
  };
}

export async function fill(page: Pick<Page, "locator">, fields: Record<string, string>): Promise<void> {
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
