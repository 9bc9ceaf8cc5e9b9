/** What the name of a host tells. */

/** An IP address, as a browser writes it. No passkey belongs to one. */
export const isNumber = (hostname: string): boolean =>
  hostname.startsWith("[") || /^\d+(\.\d+){3}$/.test(hostname);

/** Only this machine is meant. */
export const isLoopback = (hostname: string): boolean =>
  /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
