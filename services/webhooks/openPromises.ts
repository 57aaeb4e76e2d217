/** Promises of wake-ups of one workflow of which it is not known here that somebody kept them: outbox rows, by organization. */
export class OpenPromises {
  readonly #byId = new Map<string, { orgId: string; since: number }>();

  /** They were made just now. */
  add(orgId: string, outboxIds: string[]): void {
    for (const id of outboxIds) this.#byId.set(id, { orgId, since: Date.now() });
  }

  /** Since when the oldest is open, in milliseconds of Date.now(); Infinity when there is none. */
  get since(): number {
    // The first that was added is the oldest.
    for (const { since } of this.#byId.values()) return since;
    return Infinity;
  }

  get ids(): string[] {
    return [...this.#byId.keys()];
  }

  byOrg(): Map<string, string[]> {
    const grouped = Map.groupBy(this.#byId, ([, { orgId }]) => orgId);
    return new Map([...grouped].map(([orgId, entries]) => [orgId, entries.map(([id]) => id)]));
  }

  forget(outboxIds: Iterable<string>): void {
    for (const id of outboxIds) this.#byId.delete(id);
  }
}
