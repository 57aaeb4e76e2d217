import { KEY_REFUSALS } from '../../services/apiKeys/refusalOf.ts';
import type { ErrorCodeName } from '../../services/errors/codes.ts';
import type { Route } from './route.ts';

const SESSION_REFUSALS: ErrorCodeName[] = ['invalid_access_token', 'access_token_expired', 'session_ended'];
const CREDENTIAL_ERRORS: ErrorCodeName[] = [
  'missing_credentials',
  'invalid_api_key',
  ...KEY_REFUSALS,
  ...SESSION_REFUSALS,
  'permission_denied',
  'rate_limited',
];

/** Every error code an operation can answer: its own, and those that the pipeline's steps bring. */
export function errorsOf(route: Route): ErrorCodeName[] {
  return [
    ...new Set<ErrorCodeName>([
      'validation_failed',
      ...(route.public ? [] : CREDENTIAL_ERRORS),
      ...(route.permission || route.anyCredential ? (['organization_not_entered', 'mfa_required'] as const) : []),
      ...(route.params || /^\/(admin\/|organizations\/\{organization_id\})/.test(route.path) ? (['not_found'] as const) : []),
      ...(route.query && 'cursor' in route.query.shape ? (['invalid_cursor'] as const) : []),
      ...(route.body ? (['malformed_json', 'body_too_complex', 'payload_too_large', 'unsupported_media_type'] as const) : []),
      ...(route.idempotent ? (['invalid_idempotency_key', 'idempotency_in_flight', 'idempotency_mismatch'] as const) : []),
      ...(route.errors ?? []),
      'internal_error',
      'service_unavailable',
    ]),
  ];
}
