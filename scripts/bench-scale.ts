/** How much of everything: a run that tells something, and a small one that only proves the script. */

export interface Scale {
  readonly accounts: number;

  /** Credentials of each kind that requests are drawn from. */
  readonly draw: number;

  readonly rounds: number;

  /** Of load, per side and round. */
  readonly seconds: number;

  /** 0: nothing is warmed up. */
  readonly warmSeconds: number;

  /** The same where passwords are hashed. */
  readonly signInSeconds: number;
  readonly starts: number;
  readonly idleRounds: number;
  readonly idleSeconds: number;

  /** Sessions of the big house and of the small one. */
  readonly big: number;
  readonly small: number;

  /** How often a round empties the memory and asks for as many as the small house has. */
  readonly bursts: number;

  /** What the house goes through before its memory is looked at. */
  readonly signIns: number;
  readonly checks: number;

  /** How long the peer may take to install. */
  readonly installSeconds: number;
}

export const full: Scale = {
  accounts: 100_000,
  draw: 20_000,
  rounds: 5,
  seconds: 3,
  // Longer than the house waits before it writes down which sessions were used.
  warmSeconds: 12,
  signInSeconds: 5,
  starts: 10,
  idleRounds: 3,
  idleSeconds: 5,
  big: 1_000_000,
  small: 1000,
  bursts: 10,
  signIns: 10_000,
  checks: 200_000,
  installSeconds: 60,
};

export const quick: Scale = {
  accounts: 1000,
  draw: 500,
  rounds: 1,
  seconds: 1,
  warmSeconds: 0,
  signInSeconds: 1,
  starts: 1,
  idleRounds: 1,
  idleSeconds: 1,
  big: 5000,
  small: 200,
  bursts: 2,
  signIns: 10,
  checks: 1000,
  installSeconds: 8,
};
