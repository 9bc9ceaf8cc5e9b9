/** What is released, and the Bun inside each: of one version, known by its checksum, wherever it is from. */

/** Of the `packageManager` in package.json; the sums are this version's. */
export const bunVersion = "1.4.5";

export interface Target {
  readonly name: string;

  /** As `bun build --target` names it. */
  readonly bun: string;

  /** The package that has Bun for it, `@oven/bun-…`. */
  readonly runtime: string;

  /** SHA-256 of the Bun in that package. */
  readonly sha256: string;
}

/** The Bun for x64 is the one for processors without AVX2, too: their packages hold the same bytes. */
export const targets: readonly Target[] = [
  {
    name: "linux-x64",
    bun: "bun-linux-x64",
    runtime: "linux-x64",
    sha256: "f05d28a3862f4b84395c7fa32480b835dd47482e80b7e7a49a115227f0c06083",
  },
  {
    name: "linux-arm64",
    bun: "bun-linux-arm64",
    runtime: "linux-aarch64",
    sha256: "04778f1f42399a69d086853e9c7af4acf574b2f21a43d0dc673853d8b84a2923",
  },
  {
    name: "linux-x64-musl",
    bun: "bun-linux-x64-musl",
    runtime: "linux-x64-musl",
    sha256: "cf5d285ddbe256785a5121a3c113191a6b577504976374c7cfd5aedca609b720",
  },
  {
    name: "linux-arm64-musl",
    bun: "bun-linux-arm64-musl",
    runtime: "linux-aarch64-musl",
    sha256: "9c48986093073afec8b76a3e285303598dd2462f52748aecb65e4d94866e1ea3",
  },
  {
    name: "darwin-arm64",
    bun: "bun-darwin-arm64",
    runtime: "darwin-aarch64",
    sha256: "e2984124f1514e1e6bbda20adedbf07a02c443c6a5828853a15c7c7abf78e19f",
  },
  {
    name: "darwin-x64",
    bun: "bun-darwin-x64",
    runtime: "darwin-x64",
    sha256: "88f97645b270aef20f9f9442f1658461cab3e7128e658af4615144e3396f084a",
  },
  {
    name: "windows-x64",
    bun: "bun-windows-x64",
    runtime: "windows-x64",
    sha256: "e06ad0864463c68892ae71a2a64af7eae1585cac5dd9b80bc042f45605587cb1",
  },
];

export const isWindows = ({ name }: Target): boolean => name.startsWith("windows-");
