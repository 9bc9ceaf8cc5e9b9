import { existsSync } from "node:fs";

/** What is on a machine that has the Debian package of that name. */
const installed: Readonly<Record<string, string>> = {
  bubblewrap: "/usr/bin/bwrap",
  chromium: "/usr/bin/chromium",
  haproxy: "/usr/sbin/haproxy",
  "libgd-perl": "/usr/bin/bdf2gdfont",
  "libgd-securityimage-perl": "/usr/share/perl5/GD/SecurityImage.pm",
  "libio-string-perl": "/usr/share/perl5/IO/String.pm",
  "liblemonldap-ng-portal-perl": "/usr/share/perl5/Lemonldap/NG/Portal.pm",
  "libstring-random-perl": "/usr/share/perl5/String/Random.pm",
  "libnbd-bin": "/usr/bin/nbdfuse",
  nginx: "/usr/sbin/nginx",
  openssl: "/usr/bin/openssl",
  postfix: "/usr/sbin/postfix",
  "python3-jwt": "/usr/lib/python3/dist-packages/jwt",
  "python3-seccomp": "/usr/share/doc/python3-seccomp",
  systemd: "/usr/bin/systemd-analyze",
  wrk: "/usr/bin/wrk",
};

export const isInstalled = (name: string): boolean => existsSync(installed[name] ?? `/usr/bin/${name}`);

/** Installs the Debian packages that are missing, where this machine and user can. */
export async function packages(names: readonly string[]): Promise<void> {
  const absent = [...new Set(names)].filter((name) => !isInstalled(name));
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
