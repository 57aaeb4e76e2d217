import { PROVEN_AFTER } from '../../services/webhooks/express/lane.ts';
import { MOST_A_SECOND, MOST_OF_ONE } from './express/sparsity.ts';

/** Half of what makes an endpoint of the express lane busy, so that one does not go to and fro. */
const MOST_AT_ONCE = MOST_OF_ONE / 2;
const MOST_EACH_SECOND = MOST_A_SECOND / 2;

/** Tells when an endpoint with a workflow of its own has so little to do that the express lane should be asked to serve it. */
export class Calm {
  readonly #now: () => number;
  #since: number;
  #delivered = 0;
  #mostAtOnce = 0;

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#since = now();
  }

  /** Call for each claim. */
  claimed(deliveries: number): void {
    this.#mostAtOnce = Math.max(this.#mostAtOnce, deliveries);
  }

  /** Call for each finished exchange. */
  delivered(): void {
    this.#delivered += 1;
  }

  /** Judges what came since it last did, as soon as that is enough to prove an endpoint fast. */
  judge(): boolean {
    if (this.#delivered < PROVEN_AFTER) return false;
    const perSecond = (this.#delivered * 1_000) / (this.#now() - this.#since);
    const calm = perSecond <= MOST_EACH_SECOND && this.#mostAtOnce <= MOST_AT_ONCE;
    [this.#since, this.#delivered, this.#mostAtOnce] = [this.#now(), 0, 0];
    return calm;
  }
}
