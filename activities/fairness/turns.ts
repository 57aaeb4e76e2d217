import { RoundRobin } from './roundRobin.ts';

/**
 * A request costs the process about 0.3 ms, so a thousand that are ready at once would make everybody else wait for 0.3 s.
 * With so many in each turn of the event loop a turn takes a few milliseconds, and the rate does not suffer.
 */
const STARTS_IN_A_TURN = 16;

/** Spreads starts over the turns of the event loop; tenants take turns too. Without a crowd a start is immediate. */
export class Turns {
  readonly #waiting = new RoundRobin<() => void>();
  #started = 0;
  #scheduled = false;

  run(tenant: string, start: () => void): void {
    this.#waiting.push(tenant, start);
    this.#startSome();
  }

  #startSome(): void {
    while (this.#started < STARTS_IN_A_TURN) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#started += 1;
      next.item();
    }
    if (this.#started > 0 && !this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.#newTurn());
    }
  }

  #newTurn(): void {
    this.#scheduled = false;
    this.#started = 0;
    this.#startSome();
  }
}
