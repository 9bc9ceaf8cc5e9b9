/** Looking over what a house stands on: each thing by itself, in words that say how to mend it. */

/** One thing that was looked at. */
export interface Step {
  /** One word, or a few: `certificate`. */
  readonly name: string;

  readonly ok: boolean;

  /** What was found; when it is not well, also why that matters. */
  readonly message: string;

  /** What to do about it: the very setting, or the very lines. */
  readonly fix?: string;
}

/** What sent forwarding headers, as it did last. */
export interface Peer {
  readonly address: string;
  readonly at: Date;

  /** Named as a proxy by the operator, so that it is believed. */
  readonly trusted: boolean;

  /** Whether it says whom it forwards for. */
  readonly forwardsFor: boolean;

  /** The scheme it says it was asked by; null when it does not say. */
  readonly proto: string | null;
}

/** Why a request to another application could not be judged, or nobody could sign in for it. */
export interface ForwardRefusal {
  readonly peer: string;
  readonly at: Date;
  readonly is: "stranger" | "missing" | "doubled" | "unreadable" | "contradictory" | "host" | "scheme";

  /** The one that something is wrong with. */
  readonly header?: string;

  /** The application's. */
  readonly host?: string;
}

/** What requests gave away about the world outside, since the start. Little, and never more than a little. */
export interface Seen {
  /** By address. */
  readonly peers: Map<string, Peer>;

  /** Hosts that browsers opened the house by, other than its address, and when they last did. */
  readonly hosts: Map<string, Date>;

  /** What the proxies that guard other applications did wrong, each for an application or for all, until they do right. */
  readonly forward: { readonly refused: Map<string, ForwardRefusal> };

  /** Refused codes of authenticator apps that were right, but for another time: how many seconds later. Newest last. */
  readonly codeOffsets: number[];
}

export const nothingSeen = (): Seen => ({
  peers: new Map(),
  hosts: new Map(),
  forward: { refused: new Map() },
  codeOffsets: [],
});

export interface Doctor {
  /** Looks over everything. `clientNow`: the date as whoever asks has it. Never rejects. */
  examine(asked?: { readonly clientNow?: Date }): Promise<Step[]>;
}
