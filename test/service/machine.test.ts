/** The house becomes a service of a machine, is upgraded, looked after by root, and goes. */
import { beforeAll, expect, test } from "bun:test";
import { requireBinary } from "../binary.ts";
import { told } from "../cli/operator.ts";
import { type Machine, machine } from "./machine.ts";

beforeAll(requireBinary);

const config = "/etc/housekey/housekey.toml";

/** Runs what must go well. */
async function ok(box: Machine, ...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await box.run(...words);
  expect([words, exitCode, stderr]).toEqual([words, 0, ""]);
  return stdout;
}

const install = (box: Machine, ...words: string[]) =>
  ok(box, "/opt/housekey/housekey", "service", "install", ...words);

const refused = async (box: Machine, ...words: string[]) =>
  told(await box.run("/opt/housekey/housekey", "service", ...words), 1);

test("a house is installed, served by its own user, looked after by root, upgraded and uninstalled", async () => {
  await using box = await machine();
  expect(await install(box)).toContain("the house is served");
  expect(await box.asked()).toEqual(["daemon-reload", "enable housekey.service", "restart housekey.service"]);
  expect(await ok(box, "stat", "-c", "%U %a", "/var/lib/housekey", config)).toBe("housekey 700\nroot 600\n");
  expect(await ok(box, "cat", "/run/journal")).toContain("/setup#token=");

  // Root's commands find the house by the same file, and leave nothing that its user could not read.
  const beside = (...words: string[]) => ok(box, "housekey", ...words, "--config", config);
  expect(await beside("bootstrap-token")).toMatch(/\/setup#token=\w{48}\n$/);
  await beside("user", "add", "grace");
  expect(await beside("recover", "grace")).toContain("#token=");
  expect(await beside("healthcheck")).toBe("ready\n");
  await beside("backup", "/srv/house.tar.gz");
  expect(await ok(box, "find", "/var/lib/housekey", "!", "-user", "housekey")).toBe("");

  const pid = await ok(box, "cat", "/run/pid");
  expect(await install(box)).toContain(`unchanged /etc/systemd/system/housekey.service`);
  expect((await box.asked()).at(-1)).toBe("start housekey.service");
  expect(await ok(box, "cat", "/run/pid")).toBe(pid);

  await ok(
    box,
    "sh",
    "-c",
    "cp /usr/local/bin/housekey /srv/old; echo >>/srv/old; mv /srv/old /usr/local/bin/housekey",
  );
  expect(await install(box)).toContain("changed /usr/local/bin/housekey\n");
  expect((await box.asked()).at(-1)).toBe("restart housekey.service");
  expect(await ok(box, "cat", "/run/pid")).not.toBe(pid);
  expect(await beside("user", "list")).toContain("grace");

  await ok(box, "housekey", "service", "uninstall");
  expect(await box.asked()).toEqual(["disable --now housekey.service", "daemon-reload"]);
  expect((await box.run("test", "-e", "/usr/local/bin/housekey")).exitCode).toBe(1);
  expect(await ok(box, "sh", "-c", "ls /var/lib/housekey /etc/housekey")).toMatch(
    /housekey\.toml\n[\s\S]*housekey\.db\n/,
  );
  expect(await install(box)).toContain(`kept ${config}\n`);
  expect(await beside("user", "list")).toContain("grace");
}, 60_000);

test("a folder elsewhere is made for who will serve, and one that is somebody else's is refused", async () => {
  await using box = await machine();
  await ok(box, "sh", "-c", "mkdir -p /srv/taken /srv/adas; chown ada: /srv/adas");
  expect(await refused(box, "install", "--data", "/srv/taken")).toContain(
    "/srv/taken belongs to root; stop who serves it and give it to housekey: useradd --system housekey; chown -R",
  );
  expect(await refused(box, "install", "--data", "/srv/adas")).toContain("name them with --user ada, or");
  expect(await box.asked()).toEqual([]);
  expect((await box.run("test", "-e", "/etc/systemd")).exitCode).toBe(1);

  expect(await install(box, "--data", "/srv/adas", "--user", "ada", "--no-start")).toContain(
    "systemctl start housekey",
  );
  expect(await box.asked()).toEqual(["daemon-reload", "enable housekey.service"]);
  await ok(box, "/opt/housekey/housekey", "service", "uninstall");
  await ok(box, "rm", config);
  await install(box, "--data", "/srv/keys", "--no-start");
  expect(await ok(box, "stat", "-c", "%U %G %a", "/srv/keys")).toBe("housekey housekey 700\n");
});

test("an executable that was not copied is served where it is, and stays", async () => {
  await using box = await machine();
  expect(await install(box, "--keep-binary")).toContain("the house is served");
  expect(await ok(box, "cat", "/etc/systemd/system/housekey.service")).toContain(
    "\nExecStart=/opt/housekey/housekey serve ",
  );
  await ok(box, "/opt/housekey/housekey", "service", "uninstall");
  expect(await ok(box, "/opt/housekey/housekey", "version")).toStartWith("housekey ");
});

test("a house that does not come up is told, not praised", async () => {
  await using box = await machine();
  await install(box, "--no-start");
  const broken = 'data = "/var/lib/housekey"\\ntls_cert = "/nowhere"\\ntls_key = "/nowhere"\\n';
  await ok(box, "sh", "-c", `printf '${broken}' >${config}`);
  expect(await refused(box, "install")).toContain(
    'the house does not answer; "journalctl -u housekey" says why',
  );
  await ok(box, "sh", "-c", `printf 'data = "/var/lib/housekey"\nbackup_dir = "/mnt/nowhere"\n' >${config}`);
  expect(await refused(box, "install")).toContain('backup_dir = "/mnt/nowhere", and there is no such folder');
});

test("neither without systemd nor without root", async () => {
  await using bare = await machine({ systemd: false });
  for (const verb of ["install", "uninstall"])
    expect(await refused(bare, verb)).toContain("this machine was not started by systemd");
  await using box = await machine();
  for (const verb of ["install", "uninstall"])
    expect(
      told(
        await box.run(
          "setpriv",
          "--reuid=ada",
          "--regid=ada",
          "--clear-groups",
          "/opt/housekey/housekey",
          "service",
          verb,
        ),
        1,
      ),
    ).toContain("by root");
});
