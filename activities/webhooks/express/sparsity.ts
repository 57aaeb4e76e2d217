/** Deliveries of one endpoint that are claimed at once. Who has as many due is no sparse endpoint. */
export const MOST_OF_ONE = 20;
/** Nor is who has more than one a second. */
const MOST_IN_A_RUN = 60;

/** Tells sparse endpoints from busy ones, which are served better by a workflow of their own. */
export class Sparsity {
  readonly #served = new Map<string, number>();

  /** Endpoints served so far. */
  get endpoints(): number {
    return this.#served.size;
  }

  /** With so many claimed now. */
  isBusy(endpointId: string, claimed: number): boolean {
    return claimed >= MOST_OF_ONE || (this.#served.get(endpointId) ?? 0) + claimed > MOST_IN_A_RUN;
  }

  add(endpointId: string, deliveries: number): void {
    this.#served.set(endpointId, (this.#served.get(endpointId) ?? 0) + deliveries);
  }
}
