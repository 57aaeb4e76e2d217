import type { ExpressResult } from '../../../services/webhooks/express/record.ts';
import type { Change } from '../change.ts';
import { ResultBuffer } from '../resultBuffer.ts';

const RECORD_GIVE_UP_MS = 60_000;
/** Of one organization: answers that may wait for Postgres before no more of its requests are sent. Twice what one statement carries in a burst. */
const MOST_UNRECORDED = 128;

/** Results that are not on record yet, by organization: each is written in transactions of its own. */
export class ResultBuffers {
  readonly #byOrg = new Map<string, ResultBuffer<ExpressResult>>();
  readonly #write: (orgId: string, results: ExpressResult[]) => Promise<void>;
  readonly #change: Change;

  constructor(write: (orgId: string, results: ExpressResult[]) => Promise<void>, change: Change) {
    this.#write = write;
    this.#change = change;
  }

  add(orgId: string, result: ExpressResult): void {
    const known = this.#byOrg.get(orgId);
    const buffer = known ?? new ResultBuffer((results) => this.#write(orgId, results), this.#change, RECORD_GIVE_UP_MS);
    if (!known) this.#byOrg.set(orgId, buffer);
    buffer.add(result);
  }

  /** True while no more requests of the organization should be sent: what is answered and not on record is sent again after a kill. */
  full(orgId: string): boolean {
    return this.#byOrg.get(orgId)?.full(MOST_UNRECORDED) ?? false;
  }

  /** True when Postgres refused those of an organization for too long. */
  get gaveUp(): boolean {
    return [...this.#byOrg.values()].some(({ gaveUp }) => gaveUp);
  }

  forget(orgId: string): void {
    this.#byOrg.delete(orgId);
  }

  /** Waits until all is on record. Throws when Postgres refused for too long. */
  async flush(): Promise<void> {
    for (const buffer of this.#byOrg.values()) await buffer.flush();
  }
}
