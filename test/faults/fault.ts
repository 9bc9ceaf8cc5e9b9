/** What a fault story is: something goes wrong for a running house, and figures tell what came of it. */

/** `short` runs inside `scripts/test`, in about 20 s; `full` is what the README quotes. */
export type Scale = "short" | "full";

export interface Figure {
  /** `acknowledged writes lost` */
  readonly what: string;

  /** With its unit: `0 of 81,701`. */
  readonly value: string;

  /** What was asked: `0`. */
  readonly asked: string;

  readonly ok: boolean;

  /** The same where the house is made worse on purpose: unless this loses, the figure beside it shows nothing. */
  readonly control?: true;
}

export interface Fault {
  /** `R1` */
  readonly id: string;

  /** `power cut` */
  readonly name: string;

  /** Debian packages. */
  readonly needs?: readonly string[];

  /** Mounts file systems, makes control groups. */
  readonly root?: true;

  /** Leaves no process, mount or file behind, whatever happens. Tells `say` what it is at, a line at a time. */
  run(scale: Scale, say: (line: string) => void): Promise<Figure[]>;
}
