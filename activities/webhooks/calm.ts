import { PROVEN_AFTER, SLOW_MS } from '../../services/webhooks/express/lane.ts';
import type { AttemptResult } from '../../services/webhooks/record.ts';
import { MOST_A_SECOND } from './express/sparsity.ts';

/** Half of what makes an endpoint of the express lane busy, so that one does not go to and fro. */
const MOST_EACH_SECOND = MOST_A_SECOND / 2;

/**
 * Tells when an endpoint with a workflow of its own should be asked to move to the express lane: twenty deliveries in a row were fast, and came
 * at a rate that is not worth a workflow. How many of them waited says nothing: on a busy machine every endpoint has a backlog.
 * What is claimed is finished first, which is nothing to wait long for: after a second the endpoint is not fast, and has to prove it again.
 */
export class Calm {
  readonly #now: () => number;
  #since: number;
  #fast = 0;
  #askedAt = -Infinity;

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#since = now();
  }

  /** Call for each finished exchange. */
  delivered({ errorCode, durationMs }: Pick<AttemptResult, 'errorCode' | 'durationMs'>): void {
    if (errorCode !== null || durationMs >= SLOW_MS) return this.reset();
    this.#fast += 1;
    if (this.#fast < PROVEN_AFTER) return;
    const perSecond = (this.#fast * 1_000) / (this.#now() - this.#since);
    const calm = perSecond <= MOST_EACH_SECOND;
    this.reset();
    if (calm) this.#askedAt = this.#now();
  }

  /** Nothing more should be claimed: the endpoint should move when nothing is in flight. */
  get asks(): boolean {
    return this.#askedAt > -Infinity;
  }

  /** For how many milliseconds from now on that may take; 0: the endpoint should stay. */
  get waitMs(): number {
    return Math.max(0, this.#askedAt + SLOW_MS - this.#now());
  }

  /** It stays: it has to prove itself anew. */
  reset(): void {
    this.#askedAt = -Infinity;
    this.#since = this.#now();
    this.#fast = 0;
  }
}
