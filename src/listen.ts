/** The socket that people reach: bound once, its certificate renewed in place, and let go of in order. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Server } from "bun";
import { type Config, ConfigError } from "./config.ts";
import { Failure } from "./host/failure.ts";
import type { withAccessLog } from "./http/access.ts";
import type { Log } from "./identity/core.ts";

/** Over this the runtime itself answers 413; ours, at 64 KiB, comes first. */
const mostBytes = 2 * 1024 * 1024;
const stopSeconds = 8;
const lookSeconds = 2;

interface Pair {
  readonly cert: string;
  readonly key: string;
}

interface Listening {
  readonly config: Config;
  readonly fetch: ReturnType<typeof withAccessLog>;
  readonly host: string;
  readonly port: number;
  readonly log: Log;

  /** Told of the server that listens from now on. */
  readonly onListen: (server: Server<undefined>) => void;
}

export interface Listener {
  readonly port: number;

  /** Takes no more requests, lets those under way finish, and closes what is merely kept open. */
  drain(): Promise<void>;
}

/** Throws `ConfigError` when the port is taken, `Failure` when it cannot be had. */
export function listen({ config, fetch, host, port, log, onListen }: Listening): Listener {
  const { tls_cert: certPath, tls_key: keyPath } = config.values;
  const files = certPath !== undefined && keyPath !== undefined ? { certPath, keyPath } : null;
  let pair = files && readPair(files);
  const serveOn = (number: number) =>
    Bun.serve({
      hostname: host,
      port: number,
      fetch,
      maxRequestBodySize: mostBytes,
      development: false,
      // Outside development Bun shares the port with whoever else asks: two houses would answer by turns.
      reusePort: false,
      ...(pair && { tls: { ...pair } }),
    });

  let current = bind(serveOn, host, port);
  onListen(current);
  const bound = current.port ?? port;
  const leaving = new Set<Server<undefined>>();

  /**
   * Bun keeps a server's certificate for its life, so another server takes the port over. The old one finishes what it
   * was asked, and hangs up on whoever is only connected; clients connect anew when they next have something to ask.
   */
  function renew(next: Pair): void {
    const [old, before] = [current, pair];
    leaving.add(old);
    old.stop().then(
      () => leaving.delete(old),
      (error) => log.warn("connections under the old certificate ended badly", { error: String(error) }),
    );
    pair = next;
    try {
      current = serveOn(bound);
    } catch (error) {
      pair = before;
      current = serveOn(bound);
      log.error("the new certificate cannot be served; the old one stays", { error: String(error) });
    }
    onListen(current);
  }

  let refused = "";
  const timer = setInterval(() => {
    if (!files || !pair) return;
    try {
      const next = readPair(files);
      if (next.cert === pair.cert && next.key === pair.key) return;
      renew(next);
      log.info("a new certificate is served", { until: new X509Certificate(next.cert).validTo });
      refused = "";
    } catch (error) {
      // Half of a pair is there for a moment whenever one is renewed; said once, and looked at again.
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== refused)
        log.error("the certificate on disk cannot be used; the one before stays", { error: reason });
      refused = reason;
    }
  }, lookSeconds * 1000);

  return {
    port: bound,
    async drain() {
      clearInterval(timer);
      const deadline = performance.now() + stopSeconds * 1000;
      const servers = [...leaving, current];
      // Resolves only once every client has hung up, which a kept-alive connection may not do for minutes.
      const quiet = current.stop();
      const busy = () => servers.some(({ pendingRequests }) => pendingRequests > 0);
      while (busy() && performance.now() < deadline) await Bun.sleep(10);
      await Promise.all(servers.map((server) => server.stop(true)));
      await quiet;
    },
  };
}

/** A certificate with its chain, and its key. Throws `Failure` when they cannot be read or do not belong together. */
function readPair({ certPath, keyPath }: { certPath: string; keyPath: string }): Pair {
  try {
    const [cert, key] = [readFileSync(certPath, "utf8"), readFileSync(keyPath, "utf8")];
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
      throw new Error("the key is another certificate's");
    return { cert, key };
  } catch (error) {
    throw new Failure(`cannot use ${certPath} with ${keyPath}`, error);
  }
}

function bind(serveOn: (port: number) => Server<undefined>, host: string, port: number): Server<undefined> {
  try {
    return serveOn(port);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE")
      throw new ConfigError(`port ${port} is in use; stop what uses it, or choose another with --port`);
    throw new Failure(`cannot listen on ${host} port ${port}`, error);
  }
}
