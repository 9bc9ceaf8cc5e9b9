import { and, eq } from "drizzle-orm";
import type { Provider, ProviderWrites } from "../identity/provider.ts";
import { type Db, one, type Schema } from "./db.ts";

const kind = "oidc";

export const providerTable = (db: Db, { providers }: Schema): ProviderWrites => {
  const rowOf = (query: PromiseLike<(Provider & { kind: string })[]>): Promise<Provider | null> =>
    one(query).then((row) => {
      if (!row) return null;
      const { kind: _, ...provider } = row;
      return provider;
    });

  return {
    current: () => rowOf(db.select().from(providers).where(eq(providers.kind, kind))),

    put(provider) {
      if (provider.revision === 1)
        return rowOf(
          db
            .insert(providers)
            .values({ kind, ...provider })
            .onConflictDoNothing()
            .returning(),
        );
      const before = and(eq(providers.kind, kind), eq(providers.revision, provider.revision - 1));
      return rowOf(db.update(providers).set(provider).where(before).returning());
    },
  };
};
