/** Where on the network an address is, as seen from the house. */
export type Network = "here" | "home" | "outside" | "nowhere";

const home = [
  /^10\./,
  /^192\.168\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^169\.254\./,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^f[cd][\da-f]{2}:/,
  /^fe[89ab][\da-f]:/,
];

/** Private, link-local and carrier or tailnet addresses are at home (RFC 1918, 3927, 4193, 6598). */
export function networkOf(ip: string | null): Network {
  if (ip === null) return "nowhere";
  if (ip.startsWith("127.") || ip === "::1") return "here";
  return home.some((range) => range.test(ip)) ? "home" : "outside";
}
