import type { Core } from "./core.ts";

/** A name under which a registrant's own things stand together. Made with the account that owns it. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly createdAt: Date;
}

export interface TenantReads {
  findByOwner(ownerId: string): Promise<Tenant | null>;
}

export interface TenantWrites extends TenantReads {
  insert(tenant: Tenant): Promise<void>;
}

/** The tenant an account owns; null when it was made without one. */
export function tenantOf(core: Core, userId: string): Promise<Tenant | null> {
  return core.store.read.tenants.findByOwner(userId);
}
