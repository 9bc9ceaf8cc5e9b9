import { expect, test } from "bun:test";
import { deviceName } from "../../src/http/device-name.ts";

const webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";

test("a client is named as a person would name it", () => {
  for (const [agent, name] of [
    ["Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox on Linux"],
    [
      `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webkit} Chrome/140.0.0.0 Safari/537.36`,
      "Chrome on macOS",
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/140.0 Safari/537.36 Edg/140.0`,
      "Microsoft Edge on Windows",
    ],
    [`Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/140.0 Mobile Safari/537.36`, "Chrome on Android"],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
      "Safari on iOS",
    ],
    ["curl/8.14.1", "curl"],
    ["housekey/0.1.0 (linux)", "housekey on Linux"],
    ["Firefox", "Firefox"],
  ] as const)
    expect([agent, deviceName(agent)]).toEqual([agent, name]);
});

test("one that says nothing of use has no name, and none has a long one", () => {
  for (const agent of [null, "", "   ", "<script>", "\u0000", "x".repeat(512)])
    expect(deviceName(agent)).toBeNull();
  const long = `Mozilla/5.0 (${"X11; ".repeat(90)}Linux x86_64) Gecko/20100101 Firefox/133.0`;
  expect((deviceName(long) ?? "").length).toBeLessThanOrEqual(80);
});
