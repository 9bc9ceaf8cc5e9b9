/** The first that a user agent names wins: each of them also claims to be those further down. */
const browsers: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\b(OPR|Opera)\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, "Chrome"],
  [/\bVersion\/\S+ .*Safari\//, "Safari"],
];

const systems: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMacintosh\b/, "Mac"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
];

const namedBy = (agent: string, table: typeof browsers) => table.find(([mark]) => mark.test(agent))?.[1];

/** "Firefox on Linux"; what a program calls itself when it is no browser. */
export function agentName(agent: string | null): string {
  if (agent === null || agent.trim() === "") return "Unknown device";
  const browser = namedBy(agent, browsers);
  const system = namedBy(agent, systems);
  if (browser) return system ? `${browser} on ${system}` : browser;
  return agent.length > 60 ? `${agent.slice(0, 60)}…` : agent;
}
