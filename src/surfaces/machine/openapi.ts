/** What the machine surface tells those who write a client for it. */
import type { Surface } from "../../http/openapi.ts";
import { keys } from "./openapi-key.ts";

export const described: Surface = keys;
