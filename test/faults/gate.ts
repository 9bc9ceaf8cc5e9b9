/** A port in front of another server that can be gone, silent, or somebody else, whenever the test says so. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "../upstream/real.ts";

/** `to` another port of this machine; `silent` takes connections and says nothing; `gone` refuses them. */
export type Way = { readonly to: number } | "silent" | "gone";

export interface Gate {
  readonly port: number;

  /** Connections that are open are cut. */
  turn(way: Way): Promise<void>;

  /** How many connections it has taken since it was last turned. */
  taken(): number;
  [Symbol.asyncDispose](): Promise<void>;
}

export function makeGate(): Gate {
  const port = freePort();
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let taken = 0;

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    return socket;
  }

  async function shut(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    const old = server;
    server = null;
    if (old) await new Promise((closed) => old.close(closed));
  }

  return {
    port,
    taken: () => taken,
    async turn(way) {
      await shut();
      taken = 0;
      if (way === "gone") return;
      server = createServer((socket) => {
        keep(socket);
        taken++;
        if (way === "silent") return;
        const onward = keep(connect(way.to, "127.0.0.1"));
        socket.pipe(onward).pipe(socket);
        // Half of a connection is of no use to anybody.
        socket.on("close", () => onward.destroy());
        onward.on("close", () => socket.destroy());
      }).listen(port, "127.0.0.1");
      await once(server, "listening");
    },
    [Symbol.asyncDispose]: shut,
  };
}
