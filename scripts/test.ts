/** Runs every check there is, group by group, and counts. */
import { isInstalled, packages } from "./test-packages.ts";

interface Group {
  readonly name: string;
  readonly command: readonly string[];

  /** Debian packages it needs. */
  readonly needs?: readonly string[];

  /** Mounts file systems and changes owners. */
  readonly root?: true;
}

const bunTest = (...paths: string[]) => [process.execPath, "test", "--timeout", "60000", ...paths];

const groups: readonly Group[] = [
  { name: "types", command: ["node_modules/.bin/tsc", "--noEmit"] },
  { name: "lint", command: ["node_modules/.bin/biome", "check", "--error-on-warnings"] },
  {
    name: "core",
    command: bunTest(
      "test/architecture.test.ts",
      "test/config.test.ts",
      ...[
        "identity",
        "store",
        "http",
        "flows",
        "web",
        "openapi",
        "passkey",
        "spa",
        "two-factor",
        "device",
        "keys",
        "backup",
        "forward",
        "doctor",
        "metrics",
      ].map((folder) => `test/${folder}/`),
    ),
    needs: ["oathtool"],
  },
  { name: "upstream", command: bunTest("test/upstream/"), needs: ["chromium", "openssl", "faketime"] },
  {
    name: "lemonldap",
    command: bunTest("test/lemonldap/"),
    needs: [
      ...["chromium", "openssl", "liblemonldap-ng-portal-perl", "libgd-perl", "libgd-securityimage-perl"],
      ...["libio-string-perl", "libstring-random-perl"],
    ],
  },
  { name: "mail", command: bunTest("test/mail/"), needs: ["openssl", "postfix"], root: true },
  {
    name: "binary",
    command: bunTest("test/cli/"),
    needs: ["age", "faketime", "oathtool", "openssl", "python3-jwt", "tmux"],
  },
  {
    name: "service",
    command: bunTest("test/service/", "test/docker/"),
    needs: ["bubblewrap", "python3-seccomp", "systemd"],
    root: true,
  },
  { name: "browser", command: bunTest("test/browser/"), needs: ["chromium"] },
  { name: "faults", command: bunTest("test/faults/"), needs: ["strace"], root: true },
  {
    name: "proxy",
    command: bunTest("test/proxy/"),
    needs: ["caddy", "chromium", "curl", "haproxy", "nginx", "openssl"],
  },
  { name: "fault-stories", command: ["scripts/faults", "--short"], root: true },
  { name: "bench", command: bunTest("test/bench/"), needs: ["wrk"] },
];

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !groups.some((group) => group.name === name));
if (unknown !== undefined) {
  console.error(`scripts/test: no group ${unknown}; there are ${groups.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const chosen = wanted.length > 0 ? groups.filter(({ name }) => wanted.includes(name)) : groups;
const inCi = process.env.CI === "true";
let [passed, failed] = [0, 0];

await packages(chosen.flatMap(({ needs = [] }) => needs));
await build();
for (const group of chosen) {
  const reason = missing(group);
  if (reason !== null) {
    console.log(`\n== ${group.name}: not run here, ${reason}`);
    if (inCi) failed++;
    continue;
  }
  const started = performance.now();
  console.log(`\n== ${group.name}`);
  const counts = await run(group.command);
  passed += counts.passed;
  failed += counts.failed;
  console.log(`== ${group.name}: ${Math.round((performance.now() - started) / 100) / 10} s`);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

function missing({ needs = [], root }: Group): string | null {
  const absent = needs.filter((name) => !isInstalled(name));
  if (absent.length > 0) return `it needs ${absent.join(", ")}, which could not be installed`;
  if (root && process.getuid?.() !== 0) return "it mounts file systems and changes owners, which takes root";
  return null;
}

async function build(): Promise<void> {
  const { exitCode } = Bun.spawnSync(["scripts/build"], { stdio: ["ignore", "inherit", "inherit"] });
  if (exitCode === 0) return;
  console.log("\n0 passed, 1 failed");
  process.exit(1);
}

/** Runs one group's command with its output shown; a command that counts no tests counts as one. */
async function run(command: readonly string[]): Promise<{ passed: number; failed: number }> {
  const child = Bun.spawn([...command], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, TEST_BINARY_BUILT: "1" },
  });
  const [out, error] = await Promise.all([show(child.stdout), show(child.stderr)]);
  const exitCode = await child.exited;
  const text = out + error;
  const count = (word: string) => Number(new RegExp(`^ *(\\d+) ${word}$`, "m").exec(text)?.[1] ?? 0);
  const counts = { passed: count("pass"), failed: count("fail") };
  if (counts.passed + counts.failed === 0)
    return { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1 };
  // A file that does not even load, or an error between tests, fails no test and still is a failure.
  return { ...counts, failed: exitCode === 0 ? 0 : Math.max(counts.failed, 1) };
}

async function show(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    const piece = decoder.decode(chunk, { stream: true });
    text += piece;
    process.stdout.write(piece);
  }
  return text;
}
