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
  /** Extension members of single codes, such as `limit`. */
  [member: string]: unknown;
}

export const PROBLEM_TYPE = 'https://artisan.example/problems/';
export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** Names that a caller made up stand in the texts: a body of 1 MiB must not come back twice as large. */
const MAX_DETAIL = 2_000;
const MAX_FIELD = 500;
const clip = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max).toWellFormed()}…` : text);
const clipField = ({ location, message }: FieldError): FieldError => ({
  location: clip(location, MAX_FIELD),
  message: clip(message, MAX_FIELD),
});

/** The only error serializer. From 500 on nothing but the catalogue's own words reaches the caller, unless the code invites a repeat. */
export function problemOf(error: AppError, requestId: string): Problem {
  const { status, title, doc, retryable } = ERROR_CODES[error.code];
  const detail = status < 500 || retryable ? (error.detail ?? doc) : doc;
  const own = {
    type: PROBLEM_TYPE + error.code,
    title,
    status,
    code: error.code,
    detail: clip(detail, MAX_DETAIL),
    ...(error.fields && error.fields.length > 0 && { errors: error.fields.map(clipField) }),
    request_id: requestId,
  };
  // The standard members come first for who reads it, and last so that no extension takes their place.
  return { ...own, ...error.extensions, ...own };
}
