import { eq } from "drizzle-orm";
import type { TenantWrites } from "../identity/tenant.ts";
import { type Db, one, type Schema } from "./db.ts";

export const tenantTable = (db: Db, { tenants }: Schema): TenantWrites => ({
  findByOwner: (ownerId) => one(db.select().from(tenants).where(eq(tenants.ownerId, ownerId))),

  async insert(tenant) {
    await db.insert(tenants).values(tenant);
  },
});
