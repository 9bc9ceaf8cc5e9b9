/**
 * Asks a provider, within bounds: so many bytes, so many seconds, no redirect, https (or http to this very machine).
 * Whoever holds a provider's description must not be able to send this house anywhere else.
 */
import { UpstreamFault } from "../identity/upstream.ts";
import { connectionFault } from "./fault.ts";

export interface Bounds {
  /** For the whole answer, its last byte included. */
  readonly milliseconds: number;

  readonly bytes: number;
}

export const defaultBounds: Bounds = { milliseconds: 5000, bytes: 256 * 1024 };

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);

/** Whether anything may be sent there. Private addresses are normal in a house. */
export function isAllowed(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password } = new URL(address);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

/** The answer, whole. Rejects with an `UpstreamFault` that says what was wrong with the way there. */
export async function fetchWithin(
  bounds: Bounds,
  address: string,
  init: RequestInit = {},
): Promise<Response> {
  const { host } = new URL(address);
  if (!isAllowed(address))
    throw new UpstreamFault("unavailable", `${host} is not asked: it is neither https nor this machine.`);
  const signal = AbortSignal.timeout(bounds.milliseconds);
  try {
    const response = await fetch(address, { ...init, redirect: "manual", signal });
    if (response.status >= 300 && response.status < 400) throw redirected(host, response);
    const body = await read(response, bounds.bytes, host);
    return new Response(body, { status: response.status, headers: response.headers });
  } catch (error) {
    throw error instanceof UpstreamFault ? error : connectionFault(host, error);
  }
}

function redirected(host: string, response: Response): UpstreamFault {
  void response.body?.cancel();
  const location = response.headers.get("location") ?? "";
  const to = URL.canParse(location) ? new URL(location).host : "another path";
  return new UpstreamFault("unavailable", `${host} redirects to ${to}, and redirects are not followed.`, {
    fix: "Enter the address the provider really has.",
  });
}

async function read(response: Response, most: number, host: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const tooLong = () =>
    new UpstreamFault("unavailable", `${host} answers with more than ${Math.round(most / 1024)} KiB.`);
  if (Number(response.headers.get("content-length") ?? 0) > most) {
    void response.body?.cancel();
    throw tooLong();
  }
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    length += value.byteLength;
    if (length > most) {
      void reader?.cancel();
      throw tooLong();
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks);
}
