import { ERROR_CODES } from '../../services/errors/codes.ts';
import type { AppError, FieldError } from '../../services/errors/AppError.ts';

/** RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  errors?: FieldError[];
  request_id: string;
}

export const PROBLEM_TYPE = 'https://artisan.example/problems/';
export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** The only error serializer. From 500 on nothing but the catalogue's own words reaches the caller, unless the code invites a repeat. */
export function problemOf(error: AppError, requestId: string): Problem {
  const { status, title, doc, retryable } = ERROR_CODES[error.code];
  const detail = status < 500 || retryable ? (error.detail ?? doc) : doc;
  return {
    type: PROBLEM_TYPE + error.code,
    title,
    status,
    code: error.code,
    detail,
    ...(error.fields && error.fields.length > 0 && { errors: error.fields }),
    request_id: requestId,
  };
}
