/** Real Chromium on the pages of the house, and all it has to complain about. */
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const executablePath = process.env.HOUSEKEY_CHROMIUM ?? "/usr/bin/chromium";

const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** `await using browser = await launch()`: gone at the end of the test. Throws where there is no Chromium. */
export const launch = (more: readonly string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath, args: [...args, ...more] });

export interface Watched {
  readonly page: Page;

  /** What no page of ours may do, in words: an error on the console, a request that leaves the house. */
  readonly problems: readonly string[];
}

/** A watched page; from a browser in a context of its own, from a context beside its other pages. */
export async function newPage(opener: Browser | BrowserContext, origin: string): Promise<Watched> {
  const page = await opener.newPage();
  page.setDefaultTimeout(10_000);
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !isRefusal(message.text())) problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`uncaught: ${error.message}`));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) problems.push(`left the house: ${request.url()}`);
  });
  return { page, problems };
}

/** Chromium writes every 4xx to the console; here they are answers. */
const isRefusal = (text: string): boolean =>
  /^Failed to load resource: the server responded with a status of 4\d\d /.test(text);

/** The link that the house printed to be opened. */
export function printedLink(output: string): string {
  const [link] = /https?:\/\/\S+\/setup#token=\S+/.exec(output) ?? [];
  if (link === undefined) throw new Error(`no set-up link was printed: ${output}`);
  return link;
}

/** Everything a script, a shoulder or a history could read of the page. */
export const traces = (page: Page): Promise<string> =>
  page.evaluate(() =>
    [
      location.href,
      document.referrer,
      document.cookie,
      document.documentElement.outerHTML,
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state]),
    ].join("\n"),
  );

/** Whether the page is wider than a phone of that width, in CSS pixels. */
export async function overflows(page: Page, width: number): Promise<boolean> {
  const before = page.viewportSize();
  await page.setViewportSize({ width, height: 640 });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  if (before) await page.setViewportSize(before);
  return wider;
}

/** Pictures for a person to look at, where HOUSEKEY_SCREENSHOTS says, else none. */
export async function photograph(page: Page, name: string): Promise<void> {
  const folder = process.env.HOUSEKEY_SCREENSHOTS;
  if (!folder) return;
  const before = page.viewportSize();
  for (const colorScheme of ["light", "dark"] as const)
    for (const width of [390, 1280]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  if (before) await page.setViewportSize(before);
}
