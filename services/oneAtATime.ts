import { AppError } from './errors/AppError.ts';

const RETRY_AFTER_SECONDS = 1;

interface Limits {
  /** How many organizations may be at it at the same time. */
  most: number;
  /** What an organization is told while it is at it already. */
  busy: string;
}

/** For costly work of requests: an organization does one at a time, whatever it sends, and few organizations do it at the same time. */
export class OneAtATime {
  readonly #limits: Limits;
  readonly #working = new Set<string>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Throws rate_limited, service_unavailable, and what `work` throws. */
  async run<T>(orgId: string, work: () => Promise<T>): Promise<T> {
    const { most, busy } = this.#limits;
    if (this.#working.has(orgId)) throw new AppError('rate_limited', { detail: busy, retryAfterSeconds: RETRY_AFTER_SECONDS });
    if (this.#working.size >= most) throw new AppError('service_unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    this.#working.add(orgId);
    try {
      return await work();
    } finally {
      this.#working.delete(orgId);
    }
  }
}
