import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../server/clock.ts';
import { AppError } from '../../errors/AppError.ts';
import type { RateLimiter } from '../../rateLimit/rateLimiter.ts';
import { createSigner } from '../sign.ts';
import type { SignedMessage } from '../sign.ts';
import { VERIFICATION_TYPE, isEcho, newChallenge } from './challenge.ts';

/** Whom to ask. */
export interface Candidate {
  url: string;
  headers: Record<string, string>;
  /** Those that sign what the endpoint gets. */
  secrets: string[];
  timeoutMs: number;
}

/** That the receiver at this URL echoed a challenge. */
export interface OwnershipProof {
  url: string;
  verifiedAt: Date;
}

interface OwnershipDeps {
  clock: Clock;
  rateLimiter: RateLimiter;
  /** The poster of deliveries: vetted addresses, no redirects, one deadline. Never throws. */
  post(request: { url: string; headers: Record<string, string>; body: string; timeoutMs: number; keepBytes: number }): Promise<{
    statusCode: number | null;
    errorCode: string | null;
    responseExcerpt: string | null;
  }>;
  close(): Promise<void>;
  /** Headers of a delivery. */
  headersOf(
    target: { headers: Record<string, string>; sign: (message: SignedMessage) => string },
    message: SignedMessage,
    about: { replay: boolean; eventType: string },
  ): Record<string, string>;
}

type Reason = 'blocked_address' | 'unreachable' | 'timeout' | 'refused' | 'wrong_answer';

/** Why a check failed, and no more than that: these must not make the platform a scanner that reports ports and certificates. */
const SENTENCES: Record<Reason, string> = {
  blocked_address: 'the URL leads to an address that is not allowed',
  unreachable: 'no answer could be got: check the host, its port and its certificate',
  timeout: 'there was no whole answer in time',
  refused: 'the answer was not 2xx; redirects are not followed',
  wrong_answer: 'the answer was 2xx, but is not {"challenge":"…"} with the challenge of the request, or is longer than 64 KiB',
};

const MAX_TIMEOUT_MS = 10_000;
/** As much of an answer as is read at all. */
const ANSWER_BYTES = 64 * 1024;
const CHECKS_PER_HOUR = 60;
/** Each holds a request open for up to 10 s. */
const AT_A_TIME = { organization: 5, process: 50 };

/** Asks receivers whether they want what an organization is about to send them, and bounds how often it may ask. */
export class OwnershipChecks {
  readonly #deps: OwnershipDeps;
  readonly #running = new Map<string, number>();
  #all = 0;

  constructor(deps: OwnershipDeps) {
    this.#deps = deps;
  }

  /**
   * Waits until the receiver echoed a challenge. Talks to the network: never inside a transaction.
   * Throws verification_failed, rate_limited, service_unavailable.
   */
  async check(orgId: string, candidate: Candidate): Promise<OwnershipProof> {
    this.#enter(orgId);
    try {
      await this.#count(orgId);
      const reason = await this.#ask(candidate);
      if (reason === null) return { url: candidate.url, verifiedAt: this.#deps.clock.now() };
      throw failure(reason);
    } finally {
      this.#leave(orgId);
    }
  }

  /** Cuts off what is still running. */
  close(): Promise<void> {
    return this.#deps.close();
  }

  /** null: it echoed. */
  async #ask({ url, headers, secrets, timeoutMs }: Candidate): Promise<Reason | null> {
    const now = this.#deps.clock.now();
    const challenge = newChallenge(now);
    const message = { id: `verification_${randomUUID()}`, timestampSeconds: Math.floor(now.getTime() / 1_000), body: challenge.body };
    const about = { replay: false, eventType: VERIFICATION_TYPE };
    const { statusCode, errorCode, responseExcerpt } = await this.#deps.post({
      url,
      headers: this.#deps.headersOf({ headers, sign: createSigner(secrets) }, message, about),
      body: challenge.body,
      timeoutMs: Math.min(timeoutMs, MAX_TIMEOUT_MS),
      keepBytes: ANSWER_BYTES,
    });
    if (errorCode !== null) return reasonOf(errorCode);
    if (statusCode === null || statusCode < 200 || statusCode > 299) return 'refused';
    return isEcho(challenge, responseExcerpt) ? null : 'wrong_answer';
  }

  #enter(orgId: string): void {
    const own = this.#running.get(orgId) ?? 0;
    if (own >= AT_A_TIME.organization) {
      throw new AppError('rate_limited', { detail: `At most ${AT_A_TIME.organization} URLs are checked at a time.`, retryAfterSeconds: 1 });
    }
    if (this.#all >= AT_A_TIME.process) throw new AppError('service_unavailable', { retryAfterSeconds: 1 });
    this.#running.set(orgId, own + 1);
    this.#all += 1;
  }

  #leave(orgId: string): void {
    const left = (this.#running.get(orgId) ?? 1) - 1;
    if (left > 0) this.#running.set(orgId, left);
    else this.#running.delete(orgId);
    this.#all -= 1;
  }

  async #count(orgId: string): Promise<void> {
    const { used, resetMs } = await this.#deps.rateLimiter.count(`verify:${orgId}`);
    if (used <= CHECKS_PER_HOUR) return;
    const retryAfterSeconds = Math.max(1, Math.ceil(resetMs / 1_000));
    const detail = `An organization may have ${CHECKS_PER_HOUR} URLs checked an hour. The next check is possible in ${retryAfterSeconds} s.`;
    throw new AppError('rate_limited', { detail, retryAfterSeconds });
  }
}

function reasonOf(errorCode: string): Reason {
  if (errorCode === 'blocked_address') return errorCode;
  return errorCode === 'timeout' || errorCode === 'connect_timeout' ? 'timeout' : 'unreachable';
}

const failure = (reason: Reason): AppError =>
  new AppError('verification_failed', {
    detail: `The receiver did not echo the challenge: ${SENTENCES[reason]}. Nothing was stored.`,
    fields: [{ location: 'body.url', message: `${reason}: ${SENTENCES[reason]}` }],
  });
