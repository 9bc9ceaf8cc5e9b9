import type { Log, LogFields } from "../identity/core.ts";

export type LogForm = "pretty" | "json";
const levels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof levels)[number];

interface LogOptions {
  readonly form: LogForm;
  readonly level: LogLevel;
  readonly clock: () => Date;
  readonly write: (line: string) => void;
}

/** One line an entry, whatever is in the fields. */
export function makeLog({ form, level, clock, write }: LogOptions): Log {
  const word = form === "json" ? asJson : asText;
  const writes = (own: LogLevel) => levels.indexOf(own) >= levels.indexOf(level);
  const at =
    (own: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (writes(own)) write(`${word(clock(), own, message, fields)}\n`);
    };
  return { writes, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

type Word = (at: Date, level: LogLevel, message: string, fields: LogFields) => string;

const asJson: Word = (at, level, message, fields) =>
  JSON.stringify({ time: at.toISOString(), level, message, ...fields });

const asText: Word = (at, level, message, fields) => {
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${typeof value === "string" ? JSON.stringify(value) : value}`);
  return `${at.toISOString().slice(11, 19)} ${level.padEnd(5)} ${message}${rest.join("")}`;
};
