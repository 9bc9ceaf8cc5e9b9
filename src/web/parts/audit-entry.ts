/** What `GET /auth/audit` answers, to admins and to whoever looks at their own. */
export interface Entry {
  readonly id: string;
  readonly at: string;
  readonly event: string;
  readonly actor_id: string | null;
  readonly user_id: string | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly methods: readonly string[];
  readonly result: string;
  readonly reason: string | null;
}

/** Newest first; `next` is where the older ones begin. */
export interface Entries {
  readonly events: readonly Entry[];
  readonly next: string | null;
}
