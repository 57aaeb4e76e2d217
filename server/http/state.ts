import type { ParameterizedContext } from 'koa';
import type { KeyRecord } from '../../services/apiKeys/keyRecord.ts';
import type { SessionRecord } from '../../services/auth/sessionRecord.ts';
import type { Actor } from '../../services/context.ts';
import type { ErrorCodeName } from '../../services/errors/codes.ts';
import type { IdempotencyClaim } from '../../services/idempotency/claims.ts';
import type { LooseAnswer } from './route.ts';

/** What the steps of one request hand on to each other. */
export interface RequestState {
  requestId: string;
  /** 32 hex digits of the caller's traceparent. */
  traceId: string | null;
  operationId: string | null;
  /** Set when the answer is a problem. */
  errorCode: ErrorCodeName | null;
  /** Path parameters as they were sent. */
  pathParams: Record<string, string>;
  /** Of key and session one is set, on a public route none. The key whose secret was sent; it may have been refused for another reason. */
  key: KeyRecord | null;
  session: SessionRecord | null;
  /** null on a public route, and for a session that is in no organization. */
  actor: Actor | null;
  /** The body as it was sent, for the fingerprint of an idempotent request. */
  rawBody: Buffer | null;
  params: unknown;
  query: unknown;
  body: unknown;
  claim: IdempotencyClaim | null;
  answer: LooseAnswer | null;
  /** A body as text, when it was needed before the end (stored for the Idempotency-Key). */
  presented: { body: unknown; text: string } | null;
}

export type Ctx = ParameterizedContext<RequestState>;
export type Next = (ctx: Ctx) => Promise<void> | void;
/**
 * One step of the pipeline: does its part, then `return next(ctx)`. Throws to refuse the request. It is `async` only where it has to wait:
 * every promise in between costs each request three turns of the microtask queue.
 */
export type Step = (ctx: Ctx, next: Next) => Promise<void> | void;

export const newState = (requestId: string, traceId: string | null): RequestState => ({
  requestId,
  traceId,
  operationId: null,
  errorCode: null,
  pathParams: {},
  key: null,
  session: null,
  actor: null,
  rawBody: null,
  params: undefined,
  query: undefined,
  body: undefined,
  claim: null,
  answer: null,
  presented: null,
});
