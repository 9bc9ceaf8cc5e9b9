import { existsSync } from "node:fs";

/** Installs the Debian packages whose program of the same name is missing, where this machine and user can. */
export async function packages(names: readonly string[]): Promise<void> {
  const absent = [...new Set(names)].filter((name) => !existsSync(`/usr/bin/${name}`));
  if (absent.length === 0 || !existsSync("/usr/bin/apt-get")) return;
  const as = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  if (as.length > 0 && !existsSync("/usr/bin/sudo")) return;
  console.log(`installing ${absent.join(", ")}`);
  const apt = (...words: string[]) =>
    Bun.spawn([...as, "apt-get", ...words], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    }).exited;
  await apt("update", "-qq");
  await apt("install", "-qq", "-y", "--no-install-recommends", ...absent);
}
