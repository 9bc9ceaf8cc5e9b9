/** What the image would do, without an engine: its files, its user, its environment, its commands. */
import { beforeAll, expect, test } from "bun:test";
import { chmodSync, chownSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runtimePackages } from "../../scripts/release-packages.ts";
import { admin, binary, bootstrap, emptyFolder, requireBinary, run, speak, startHouse } from "../binary.ts";
import { told } from "../cli/operator.ts";
import { command, dockerfile, said } from "./dockerfile.ts";

beforeAll(requireBinary);

const home = join(import.meta.dir, "../..");
const user = said("USER");
const kept = new Set(runtimePackages().packages.map(({ name }) => name));

/** A volume that was given its owner and mode by the image, and what runs the executable in it. */
function container() {
  const volume = emptyFolder();
  const data = join(volume.path, "housekey-data");
  const [uid = 0, gid = 0] = user.split(":").map(Number);
  chmodSync(volume.path, 0o755);
  mkdirSync(data, { mode: 0o700 });
  chownSync(data, uid, gid);
  const [name = "", value = ""] = said("ENV").split("=");
  return {
    cwd: volume.path,
    data,
    env: { [name]: value, IMAGE_USER: user, DATA: data, EXECUTABLE: binary },
    under: ["unshare", "--mount", "--ipc", "--", join(import.meta.dir, "image.sh")],
    [Symbol.dispose]: () => volume[Symbol.dispose](),
  };
}

test("the executable needs of its image what the C library brings, and nothing else", () => {
  const needed = Bun.spawnSync(["ldd", binary]).stdout.toString();
  const libraries = [...needed.matchAll(/(\S+?)\.so\.\d/g)].map(([, path = ""]) => path.split("/").at(-1));
  const c = ["linux-vdso", "libc", "libpthread", "libdl", "libm", "ld-linux-x86-64"];
  expect(c).toEqual(expect.arrayContaining(libraries));
  expect(libraries).toContain("libc");
});

test("the first run, a check of health, a recovery, a backup, and another container on the same volume", async () => {
  using box = container();
  const { cwd, env, under } = box;
  const exec = (...args: string[]) => run(args, { cwd, env, under });
  expect(said("ENTRYPOINT")).toBe('["/housekey"]');
  expect(command(said("CMD"))).toEqual(["serve"]);
  const [, ...check] = command(said("HEALTHCHECK"));
  expect(told(await exec(...check), 1)).toContain("no house is served from /data");

  let house = await startHouse({ cwd, env, under });
  expect(house.output()).toMatch(/\/setup#token=\w{48}\n/);
  expect(await Bun.file(`/proc/${house.child.pid}/status`).text()).toMatch(
    /^Uid:\t65532\t65532\t65532\t65532$/m,
  );
  await bootstrap(house);
  const { status, body } = await speak(house, "POST", "/auth/local/login", { body: admin });
  expect(status).toBe(201);
  expect(await exec(...check)).toEqual({ exitCode: 0, stdout: "ready\n", stderr: "" });
  expect((await exec("recover", "ada")).stdout).toContain("#token=");
  expect((await exec("doctor", "--json")).stdout).not.toContain("open to others");
  expect((await exec("backup", "/data/house.tar.gz")).exitCode).toBe(0);
  expect(told(await exec("backup", "/house.tar.gz"), 1)).toContain("/house.tar.gz");

  // What the host's root does beside it leaves nothing that the container could not read.
  expect((await run(["user", "add", "grace", "--data", box.data], { cwd })).exitCode).toBe(0);
  const strangers = Bun.spawnSync(["find", box.data, "!", "-uid", user.split(":")[0] ?? ""]);
  expect(strangers.stdout.toString()).toBe("");

  expect(await house.stop()).toBe(0);
  house = await startHouse({ cwd, env, under });
  expect((await speak(house, "GET", "/auth/sessions/current", { token: body.token })).status).toBe(200);
  await house.stop();
});

test("a secret is read from the file that the engine puts there", async () => {
  using box = container();
  const secret = join(box.data, "smtp_url");
  writeFileSync(secret, "smtp://nowhere\nelse\n");
  chmodSync(secret, 0o644);
  const env = { ...box.env, HOUSEKEY_SMTP_URL_FILE: "/data/smtp_url" };
  const { exitCode, stderr } = await run(["serve"], { cwd: box.cwd, env, under: box.under });
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringContaining("HOUSEKEY_SMTP_URL_FILE: expected an address"),
  ]);
  expect(stderr).not.toContain("nowhere");
});

test("what the build stage is given is enough to build it", async () => {
  using folder = emptyFolder();
  for (const [, paths = ""] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm))
    for (const path of paths.split(" ")) {
      mkdirSync(dirname(join(folder.path, path)), { recursive: true });
      cpSync(join(home, path), join(folder.path, path), { recursive: true });
    }
  // What `bun install --production` would fetch.
  cpSync(join(home, "node_modules"), join(folder.path, "node_modules"), {
    recursive: true,
    verbatimSymlinks: true,
    filter: isOfTheProduct,
  });
  const [, ...build] = command(/^RUN (\[.*build\.ts.*\])$/m.exec(dockerfile)?.[1] ?? "[]");
  const built = Bun.spawnSync([process.execPath, ...build], { cwd: folder.path });
  expect([built.exitCode, built.stderr.toString()]).toEqual([0, ""]);
  const { stdout } = Bun.spawnSync([join(folder.path, "dist/housekey"), "version"], { cwd: folder.path });
  expect(stdout.toString()).toStartWith("housekey ");
});

/** Whether a path in node_modules is of a package that the product is made of, or on the way to one. */
function isOfTheProduct(path: string): boolean {
  const [, name] = /node_modules\/((?:@[^/]+\/)?[^/@][^/]*)/.exec(path.slice(home.length)) ?? [];
  return name === undefined || kept.has(name);
}
