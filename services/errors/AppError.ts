import { ERROR_CODES } from './codes.ts';
import type { ErrorCodeName } from './codes.ts';

/** One fault of the request: where (`body.url`, `query.limit`, `path.id`, `header.idempotency-key`) and what is expected. */
export interface FieldError {
  location: string;
  message: string;
}

interface AppErrorOptions {
  /** For the caller: what happened and what to do. */
  detail?: string;
  fields?: FieldError[];
  /** Seconds after which the same request may succeed; sent as Retry-After. */
  retryAfterSeconds?: number;
  /** Further members of the problem document (RFC 9457 section 3.2), in snake_case: what a program acts on. */
  extensions?: Record<string, unknown>;
  /** For the log and for metrics. */
  internal?: Record<string, unknown>;
  cause?: unknown;
}

/** The only error that services throw on purpose. `internal` and `cause` reach the log and metrics, never the wire. */
export class AppError extends Error {
  readonly code: ErrorCodeName;
  readonly status: number;
  readonly retryable: boolean;
  readonly detail: string | undefined;
  readonly fields: FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly extensions: Record<string, unknown> | undefined;
  readonly internal: Record<string, unknown> | undefined;

  constructor(code: ErrorCodeName, options: AppErrorOptions = {}) {
    super(options.detail ?? ERROR_CODES[code].title, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.status = ERROR_CODES[code].status;
    this.retryable = ERROR_CODES[code].retryable;
    this.detail = options.detail;
    this.fields = options.fields;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.extensions = options.extensions;
    this.internal = options.internal;
  }
}
