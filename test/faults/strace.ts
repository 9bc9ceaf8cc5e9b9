/** Makes a system call fail for a process that is running already. */
export interface Tampering {
  /** From here on the calls do again what they should. */
  end(): Promise<void>;
}

/** `inject`: in strace's words, `fsync,fdatasync:error=EIO:when=1`. Resolves once every thread of `pid` is in its hands. */
export async function tamper(pid: number, inject: string): Promise<Tampering> {
  const [calls] = inject.split(":");
  const child = Bun.spawn(
    ["strace", "-f", "-o", "/dev/null", "-p", String(pid), "-e", `trace=${calls}`, "-e", `inject=${inject}`],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const attached = Promise.withResolvers<void>();
  const drained = (async () => {
    const decoder = new TextDecoder();
    let said = "";
    for await (const chunk of child.stderr) {
      said += decoder.decode(chunk, { stream: true });
      if (/Process \d+ attached/.test(said)) attached.resolve();
    }
    attached.reject(new Error(`strace did not attach: ${said}`));
  })();
  await attached.promise;
  return {
    async end() {
      child.kill("SIGINT");
      await child.exited;
      await drained;
    },
  };
}
