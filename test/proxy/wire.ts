/** Requests that no client library has put in order: the bytes of the test, over TLS. */
import { readFileSync } from "node:fs";
import { connect as connectPlain } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { visitor } from "./domain.ts";
import type { Place } from "./scene.ts";

export interface Answered {
  /** 0: hung up on without a word. */
  readonly status: number;

  readonly headers: Headers;
  readonly body: string;
}

/** A connection as that host. */
export async function dial({ port, certificates }: Place, host: string, from = visitor): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const below = connectPlain({ host: "127.0.0.1", port, localAddress: from });
  below.once("error", reject);
  await new Promise<void>((connected) => below.once("connect", connected));
  const ca = readFileSync(certificates.authority, "utf8");
  const socket = connect({ socket: below, servername: host, ca }, () => resolve(socket));
  socket.once("error", reject);
  return promise;
}

/** Sends exactly these bytes and answers what came until the other side hung up. */
async function send(place: Place, host: string, bytes: string, from?: string): Promise<Answered> {
  const socket = await dial(place, host, from);
  const chunks: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.once("close", () => resolve());
  socket.once("end", () => resolve());
  socket.once("error", () => resolve());
  socket.setTimeout(20_000, () => reject(new Error(`no answer in time to ${bytes.slice(0, 200)}`)));
  socket.write(Buffer.from(bytes, "latin1"));
  await promise.finally(() => socket.destroy());
  return parse(Buffer.concat(chunks).toString("latin1"));
}

export interface Asked {
  readonly method?: string;

  /** `/` unless it says something else; written into the request line as it is. */
  readonly target?: string;

  readonly version?: "1.0" | "1.1";

  /** Lines of the head, besides Host. */
  readonly lines?: readonly string[];

  /** Every Host line there is to be; the host's own unless it says something else. */
  readonly hosts?: readonly string[];

  readonly body?: string;

  /** The address it comes from; the visitor's unless it says something else. */
  readonly from?: string;
}

/** One request to a host. */
export function ask(place: Place, host: string, asked: Asked = {}): Promise<Answered> {
  const { method = "GET", target = "/", version = "1.1", lines = [], body } = asked;
  const { hosts = [`${host}:${place.port}`] } = asked;
  const head = [
    `${method} ${target} HTTP/${version}`,
    ...hosts.map((one) => `Host: ${one}`),
    "Connection: close",
    ...lines,
    ...(body === undefined ? [] : [`Content-Length: ${body.length}`]),
  ];
  return send(place, host, `${head.join("\r\n")}\r\n\r\n${body ?? ""}`, asked.from);
}

function parse(text: string): Answered {
  const cut = text.indexOf("\r\n\r\n");
  const [first = "", ...lines] = text.slice(0, Math.max(cut, 0)).split("\r\n");
  const headers = new Headers();
  for (const line of lines) {
    const [name = "", ...value] = line.split(":");
    headers.append(name, value.join(":").trim());
  }
  const rest = text.slice(cut + 4);
  const body = headers.get("transfer-encoding") === "chunked" ? unchunked(rest) : rest;
  return { status: Number(first.split(" ")[1] ?? 0), headers, body };
}

function unchunked(text: string): string {
  let [whole, rest] = ["", text];
  for (;;) {
    const line = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.slice(0, line), 16);
    if (line === -1 || !(size > 0)) return whole;
    whole += rest.slice(line + 2, line + 2 + size);
    rest = rest.slice(line + 4 + size);
  }
}
