import { FairShare } from './fairShare.ts';
import { RoundRobin } from './roundRobin.ts';

/**
 * Lets at most so many pieces of work run at a time, and no tenant more than are free: the connections of the database pool.
 * Who comes beside a tenant that keeps all its places busy finds one free, or is next.
 */
export class FairGate {
  readonly #share: FairShare;
  readonly #waiting = new RoundRobin<() => void>();

  constructor(places: number) {
    this.#share = new FairShare(places);
  }

  async run<T>(tenant: string, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.empty && this.#share.allows(tenant)) this.#share.take(tenant);
    else await this.#turn(tenant);
    try {
      return await work();
    } finally {
      this.#share.give(tenant);
      this.#admit();
    }
  }

  #turn(tenant: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(tenant, resolve);
      this.#admit();
    });
  }

  #admit(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      this.#share.take(next.tenant);
      next.item();
    }
  }

  #next(): { tenant: string; item: () => void } | undefined {
    return this.#waiting.shift((tenant) => this.#share.allows(tenant));
  }
}
