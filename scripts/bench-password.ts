/** Everybody's, so that a row about signing in can take any account. */
export const password = "analytical engine";

/** As the house hashes it unless it is told otherwise. */
export const argon2id = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;
