/** What is wrong with an archive, as a sentence about it goes on: "is cut off". */
export class BadArchive extends Error {}

export const damaged = (): BadArchive => new BadArchive("is damaged or cut off");

export const foreign = (what: string): BadArchive => new BadArchive(`is no backup of a house: ${what}`);
