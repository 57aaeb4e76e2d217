/** What waits, by tenant: the tenants take turns, however much each has waiting. */
export class RoundRobin<T> {
  readonly #queues = new Map<string, T[]>();

  get empty(): boolean {
    return this.#queues.size === 0;
  }

  push(tenant: string, item: T): void {
    const queue = this.#queues.get(tenant);
    if (queue) queue.push(item);
    else this.#queues.set(tenant, [item]);
  }

  /** The first item of the tenant whose turn it is, among those that `may` go; the tenant goes behind the others. */
  shift(may: (tenant: string) => boolean = () => true): { tenant: string; item: T } | undefined {
    for (const [tenant, queue] of this.#queues) {
      if (!may(tenant)) continue;
      const item = queue.shift();
      this.#queues.delete(tenant);
      if (queue.length > 0) this.#queues.set(tenant, queue);
      if (item !== undefined) return { tenant, item };
    }
    return undefined;
  }
}
