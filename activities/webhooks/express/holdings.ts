import { FairShare } from '../../fairness/fairShare.ts';

/** Deliveries that are claimed and not on record, of all organizations; none may hold more than are free. */
const PLACES = 1_000;

/** What a run of the express lane holds leases on, by organization. */
export class Holdings {
  readonly #share = new FairShare(PLACES);
  readonly #byOrg = new Map<string, Set<string>>();

  get empty(): boolean {
    return this.#byOrg.size === 0;
  }

  /** Organizations and their deliveries. */
  get all(): [string, string[]][] {
    return [...this.#byOrg].map(([orgId, ids]) => [orgId, [...ids]]);
  }

  room(orgId: string): number {
    return this.#share.room(orgId);
  }

  /** Keeps places free for a claim whose outcome is not known yet; returns how to say what it was. */
  reserve(orgId: string, places: number): (deliveryIds: string[]) => void {
    this.#share.take(orgId, places);
    return (deliveryIds) => {
      this.#share.give(orgId, places - deliveryIds.length);
      if (deliveryIds.length === 0) return;
      const ids = this.#byOrg.get(orgId) ?? new Set();
      for (const id of deliveryIds) ids.add(id);
      this.#byOrg.set(orgId, ids);
    };
  }

  /** They are on record, or free. True: the organization has nothing here any more. */
  free(orgId: string, deliveryIds: string[]): boolean {
    const ids = this.#byOrg.get(orgId);
    this.#share.give(orgId, deliveryIds.filter((id) => ids?.delete(id)).length);
    if (ids?.size !== 0) return false;
    this.#byOrg.delete(orgId);
    return true;
  }
}
