/** A piece of a long list. Identifiers sort by their moment, so one of them says where the piece begins. */
export interface Page {
  /** The last identifier of the piece before; null for the first. */
  readonly after: string | null;

  readonly limit: number;
}

export interface Piece<Item> {
  readonly items: readonly Item[];

  /** Where the next piece begins; null when this is the last. */
  readonly next: string | null;
}

/** Asks for one item more than is shown: whether there is one is whether there is a next piece. */
export async function piece<Item extends { readonly id: string }>(
  page: Page,
  load: (page: Page) => Promise<Item[]>,
): Promise<Piece<Item>> {
  const found = await load({ ...page, limit: page.limit + 1 });
  const items = found.slice(0, page.limit);
  return { items, next: found.length > items.length ? (items.at(-1)?.id ?? null) : null };
}
