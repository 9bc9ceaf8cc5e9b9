/** An app that knows nothing of accounts. It keeps what it was sent byte by byte, which no HTTP library would. */
import { createHash } from "node:crypto";
import { createServer, type Socket } from "node:net";
import type { appNames } from "./domain.ts";

export interface Received {
  readonly method: string;
  readonly target: string;
  readonly version: string;

  /** As they came, names in whatever case. */
  readonly headers: readonly (readonly [string, string])[];

  readonly bytes: number;
  readonly sha256: string;
}

export interface App {
  readonly port: number;

  /** Everything that reached it, oldest first. */
  readonly received: Received[];

  [Symbol.asyncDispose](): Promise<void>;
}

/** All values of a header that an app which reads `Remote_User` as `Remote-User` would find. */
export const valuesOf = ({ headers }: Received, name: string): string[] =>
  headers.filter(([one]) => one.toLowerCase().replaceAll("_", "-") === name).map(([, value]) => value);

/** Answers every request with what it was, as JSON, and any upgrade by sending back what comes. */
export async function startApp(name: (typeof appNames)[number]): Promise<App> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    let waiting = Buffer.alloc(0);
    let upgraded = false;
    socket.on("data", (chunk: Buffer) => {
      if (upgraded) return void socket.write(chunk);
      waiting = Buffer.concat([waiting, chunk]);
      const request = read(waiting);
      if (request === null) return;
      waiting = Buffer.alloc(0);
      received.push(request);
      upgraded = valuesOf(request, "upgrade").length > 0;
      socket.write(upgraded ? welcome(request) : answer(name, request));
      if (!upgraded) socket.end();
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    received,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      for (const socket of sockets) socket.destroy();
      await closed.promise;
    },
  };
}

/** Null until the whole of it is there. */
function read(bytes: Buffer): Received | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return null;
  const [first = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const [method = "", target = "", version = ""] = first.split(" ");
  const headers = lines.map((line) => {
    const cut = line.indexOf(":");
    return [line.slice(0, cut), line.slice(cut + 1).trim()] as const;
  });
  const rest = bytes.subarray(end + 4);
  const of = (name: string) => headers.find(([one]) => one.toLowerCase() === name)?.[1];
  const body =
    of("transfer-encoding") === "chunked" ? joined(rest) : sized(rest, Number(of("content-length") ?? 0));
  if (body === null) return null;
  const sha256 = createHash("sha256").update(body).digest("hex");
  return { method, target, version, headers, bytes: body.length, sha256 };
}

const sized = (rest: Buffer, length: number): Buffer | null =>
  rest.length < length ? null : rest.subarray(0, length);

/** RFC 9112 §7.1. */
function joined(rest: Buffer): Buffer | null {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = rest.indexOf("\r\n", at);
    if (line === -1) return null;
    const size = Number.parseInt(rest.subarray(at, line).toString("latin1"), 16);
    if (rest.length < line + 4 + size) return null;
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(rest.subarray(line + 2, line + 2 + size));
    at = line + 4 + size;
  }
}

function answer(app: string, request: Received): string {
  const body = request.method === "HEAD" ? "" : JSON.stringify({ app, ...request });
  const head = ["HTTP/1.1 200 OK", "Content-Type: application/json", "Connection: close", `X-App: ${app}`];
  return `${[...head, `Content-Length: ${Buffer.byteLength(body)}`].join("\r\n")}\r\n\r\n${body}`;
}

/** RFC 6455 §4.2.2. */
function welcome(request: Received): string {
  const [key = ""] = valuesOf(request, "sec-websocket-key");
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  return `${[...head, `Sec-WebSocket-Accept: ${accept}`].join("\r\n")}\r\n\r\n`;
}
