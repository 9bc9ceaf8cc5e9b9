/** The machine surface: command lines, scripts, services. */
import { Elysia } from "elysia";
import type { Core } from "../../identity/core.ts";
import { machineKey } from "./api-key.ts";
import { machineDevice } from "./device.ts";

export const machine = (core: Core) =>
  new Elysia({ name: "machine", prefix: "/v1/auth" }).use(machineKey(core)).use(machineDevice(core));
