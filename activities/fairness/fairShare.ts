/**
 * Shares places between tenants without knowing how many there are: a tenant may hold as many as are free. One alone comes to half of them,
 * two to a third each, and whoever comes next always finds a place ("dynamic thresholds", Choudhury and Hahne 1998).
 */
export class FairShare {
  readonly #capacity: number;
  readonly #held = new Map<string, number>();
  #total = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many more places the tenant may take now. */
  room(tenant: string): number {
    return Math.max(0, Math.floor((this.#capacity - this.#total - this.held(tenant)) / 2));
  }

  /** Whether the tenant may take one more. */
  allows(tenant: string): boolean {
    return this.held(tenant) < this.#capacity - this.#total;
  }

  held(tenant: string): number {
    return this.#held.get(tenant) ?? 0;
  }

  take(tenant: string, places = 1): void {
    this.#total += places;
    this.#held.set(tenant, this.held(tenant) + places);
  }

  give(tenant: string, places = 1): void {
    this.#total -= places;
    const left = this.held(tenant) - places;
    if (left > 0) this.#held.set(tenant, left);
    else this.#held.delete(tenant);
  }
}
