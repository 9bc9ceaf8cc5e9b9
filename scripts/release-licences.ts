/** Whose work the executable contains, and on what terms: a text that goes with it. */

import { type Package, ref } from "./release-packages.ts";
import { bunVersion } from "./release-targets.ts";

const rule = "=".repeat(78);

const runtime = `Bun ${bunVersion}

The executable contains Bun (https://bun.com), which is under the MIT licence and is linked
statically with others' work. Bun lists all of it, with the licences, in
https://github.com/oven-sh/bun/blob/bun-v${bunVersion}/LICENSE.md. Among it:

- JavaScriptCore and parts of WebKit, LGPL-2.0-or-later: https://github.com/oven-sh/WebKit
- TinyCC, LGPL-2.1-or-later
- BoringSSL, Apache-2.0, ISC and others
- SQLite, in the public domain
- ICU, Unicode-3.0
- uWebSockets and uSockets, simdutf, Apache-2.0
- zlib-ng, Zlib; brotli, c-ares, libdeflate, mimalloc, MIT; zstd, lol-html, BSD-3-Clause;
  libarchive, BSD-2-Clause and others

You may relink it with another JavaScriptCore: build Bun from its sources with yours, and
build Housekey from its sources with that Bun (scripts/build).`;

/** `terms` is the MIT licence without its copyright line, for packages that forgot to bring it. */
export const thirdParty = (packages: readonly Package[], terms: string): string =>
  `${[
    "The executable contains the work of others. Their names, versions and licences are in the bill of\n" +
      "materials (.cdx.json) beside this archive, too.",
    runtime,
    ...packages.map((one) => `${ref(one)} (${one.license})\n\n${textOf(one, terms)}`),
  ].join(`\n\n${rule}\n\n`)}\n`;

function textOf({ license, author, texts }: Package, terms: string): string {
  if (texts.length > 0) return texts.join("\n\n");
  const copyright = `Copyright (c) ${author}`;
  if (license === "MIT") return `${copyright}\n\n${terms}`;
  return `${copyright}\n\nUnder ${license}, whose terms are in this file at a package that brings them.`;
}
