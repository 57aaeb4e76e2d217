import { code } from './errorCode.ts';
import type { ErrorCode } from './errorCode.ts';
import { MFA_CODES } from './mfaCodes.ts';

/** Every error a caller can meet. `type` on the wire is `https://artisan.example/problems/<code>`. */
export const ERROR_CODES = {
  validation_failed: code(
    400,
    'The request is not valid',
    'Each entry of `errors` names the place (`body.url`, `query.limit`, `path.id`) and what is expected there.',
  ),
  malformed_request: code(
    400,
    'The request is not valid HTTP',
    'The request line, a header or the framing of the body could not be read (RFC 9112). The connection is closed.',
  ),
  malformed_json: code(400, 'The body is not valid JSON', 'The body could not be parsed as JSON (RFC 8259). `detail` gives the position.'),
  body_too_complex: code(
    400,
    'The body is nested too deeply or has too many keys',
    'JSON may be at most 32 levels deep and hold at most 50,000 keys.',
  ),
  invalid_cursor: code(
    400,
    'The cursor is not valid',
    'Pass `next_cursor` of the previous page unchanged, to the same list with the same filters.',
  ),
  invalid_idempotency_key: code(400, 'The Idempotency-Key is not valid', 'Send 1 to 255 visible ASCII characters.'),
  url_not_allowed: code(
    400,
    'The URL is not allowed',
    'Endpoints must be public HTTPS addresses. Private, loopback, link-local, reserved and cloud metadata addresses are refused in every spelling.',
  ),
  header_not_allowed: code(400, 'A custom header is not allowed', 'Hop-by-hop, signature and identity headers cannot be overridden.'),
  missing_credentials: code(401, 'No credentials were sent', 'Send `Authorization: Bearer <API key>` or `X-API-Key: <API key>`.'),
  invalid_api_key: code(
    401,
    'The API key is not valid',
    'The key is malformed, mistyped or unknown. Compare it with the one that was shown when it was created.',
  ),
  invalid_access_token: code(
    401,
    'The access token is not valid',
    'It is not one that this installation signed for this API. Get another one with `POST /auth/refresh`, or sign in again.',
  ),
  access_token_expired: code(
    401,
    'The access token has expired',
    'Access tokens live for ten minutes: get the next one with `POST /auth/refresh`.',
  ),
  session_ended: code(
    401,
    'The session has ended',
    'It was signed out, revoked, not used for too long, or reached its greatest age. Repeating does not help: sign in again.',
  ),
  invalid_credentials: code(
    401,
    'The e-mail address or the password is wrong',
    'The answer is the same for an unknown address, a wrong password, and an account that has no password or is not verified yet. The password can be reset.',
  ),
  invalid_refresh_token: code(
    401,
    'The refresh token is not valid',
    'It is none that this installation gave out, or it has been forgotten. Repeating does not help: sign in again.',
  ),
  refresh_token_reused: code(
    401,
    'The refresh token was used before',
    'Somebody else may hold it, so the session was ended, for whoever uses it. Repeating does not help: sign in again.',
  ),
  api_key_expired: code(401, 'The API key has expired', 'Create a new key; this one reached its `expires_at`.'),
  api_key_revoked: code(401, 'The API key was revoked', 'Create a new key; this one was revoked.'),
  api_key_disabled: code(
    401,
    'The API key is disabled',
    'An administrator disabled it, or it was reported as leaked. It can be enabled again.',
  ),
  api_key_retired: code(401, 'The API key was replaced', 'It was rotated and its grace is over. Use the key that succeeded it.'),
  api_key_owner_inactive: code(
    401,
    'The owner of the API key is gone',
    'A person’s key works as long as the person is an active member of the organization. Use a key of the organization.',
  ),
  plan_limit_reached: code(
    402,
    'A limit of the plan is reached',
    'The detail names the limit, how much is used, and the plan that raises it; `limit` tells a program the same.',
  ),
  invitation_for_other_address: code(
    403,
    'The invitation is for another address',
    'An invitation lets in the address that it was sent to. Sign in with that one.',
  ),
  email_not_verified: code(
    403,
    'The e-mail address is not verified',
    'Follow the link in the verification mail first; another one can be sent.',
  ),
  plan_feature_missing: code(
    403,
    'The plan does not have this',
    'The detail names the plan that has it; `limit` tells a program the same.',
  ),
  api_access_disabled: code(403, 'API keys are switched off', 'The organization lets no API key in (`api_enabled` of its settings).'),
  api_key_policy_violation: code(
    403,
    'The API key is older than the organization allows',
    'The organization limits how old a key may get (`api_keys.max_lifetime_days` of its settings). Rotate it, or create a new one.',
  ),
  ip_not_allowed: code(
    403,
    'The API key may not be used from this address',
    'The key, or the organization for all of its keys, has a list of addresses and the caller’s is not in it. The detail names the address that was seen.',
  ),
  report_signature_invalid: code(
    403,
    'The signature of the report is not valid',
    'Sign `<timestamp>.<body>` with a key that the operator knows, and send it within five minutes. The answer is the same for an unknown key, a wrong signature and a late report.',
  ),
  permission_denied: code(403, 'The credential lacks a permission', 'The detail names the permission that the operation needs.'),
  ...MFA_CODES,
  wrong_password: code(403, 'The password is wrong', 'Nothing has changed. Guesses are counted as those of signing in are.'),
  organization_not_entered: code(
    403,
    'The session is in no organization',
    'It has not entered one, or its person is no active member of that one any more. Enter one with `POST /auth/organization`.',
  ),
  not_found: code(
    404,
    'Not found',
    'There is nothing here that this credential may see. The answer is the same for what does not exist and for what belongs to someone else.',
  ),
  method_not_allowed: code(405, 'The method is not allowed here', 'The `Allow` header lists the methods of this path.'),
  request_timeout: code(
    408,
    'The request took too long to arrive',
    'Headers may take 10 seconds, the whole request 30. Send it again, over a faster connection or in smaller parts.',
    true,
  ),
  conflict: code(409, 'The request conflicts with the current state', 'The detail says with what.'),
  last_owner: code(
    409,
    'The organization would have no owner left',
    'The last active owner with a verified e-mail address cannot leave, be demoted, suspended or removed. Make somebody else an owner first.',
  ),
  role_in_use: code(
    409,
    'The role is in use',
    '`in_use` says how many members have it, how many open invitations offer it, and whether the policy of second factors names it. Put another role in its place first.',
  ),
  domain_taken: code(
    409,
    'Another organization has verified this domain',
    'You have proven it too, but a domain is verified for one organization at a time. Have it removed there first.',
  ),
  invitation_outdated: code(
    409,
    'The invitation does not hold any more',
    'Whoever sent it may not give these roles any more, a role is gone, or the organization lets in other addresses now. Ask for a new invitation.',
  ),
  idempotency_in_flight: code(
    409,
    'A request with this Idempotency-Key is still running',
    'Wait for `Retry-After` seconds and send the same request again.',
    true,
  ),
  payload_erased: code(
    409,
    'The payload of the event was erased',
    'The event is still on record, but what it said is gone for good, so it cannot be sent again.',
  ),
  payload_too_large: code(413, 'The body is too large', 'A request body may be at most 1 MiB.'),
  unsupported_media_type: code(415, 'The content type is not supported', 'Send `Content-Type: application/json`, in UTF-8.'),
  unknown_event_type: code(422, 'The event type is not known', 'Use a type of the registry; `errors` names the ones that are unknown.'),
  reserved_event_type: code(
    422,
    'Clients cannot publish this event type',
    'Operational types are published by the platform itself; clients can only subscribe endpoints to them.',
  ),
  schema_violation: code(
    422,
    'The data does not satisfy the schema of its event type',
    'Each entry of `errors` names the place (`body.data.amount`) and what the schema of the type expects there. Read it at GET /admin/event-types/{name}.',
  ),
  verification_failed: code(
    422,
    'The receiver did not echo the challenge',
    'With `verify` the receiver at the URL has to answer a `webhook.verification` request with `{"challenge":"…"}`. `errors` says what came instead: `blocked_address`, `unreachable`, `timeout`, `refused` or `wrong_answer`. Nothing was stored.',
  ),
  example_unavailable: code(
    422,
    'No example of the event type can be made',
    'Its schema asks for what cannot be generated; `errors` says what the last try lacked. Give the schema an `examples` list: its first valid entry is sent.',
  ),
  invalid_link: code(422, 'The link is not valid', 'It was used, has expired, or was replaced by a newer one. Ask for another mail.'),
  password_refused: code(
    422,
    'The password is not good enough',
    '`errors` says why: it has fewer than 12 or more than 128 characters, resembles the e-mail address, or is one that attackers try first.',
  ),
  domain_not_allowed: code(
    422,
    'The domain cannot be an organization’s own',
    'Addresses, public suffixes such as `co.uk` and the domains of mail providers are refused: anybody could have an address there.',
  ),
  domain_unproven: code(
    422,
    'The domain is not proven',
    'The TXT record was not found, or no name server answered. `errors` says which; a new record can take as long as the TTL of the zone to be seen.',
  ),
  address_not_allowed: code(
    422,
    'The address cannot be invited',
    'The organization lets in addresses of its verified domains only: see `domains.restrict_members` of its settings.',
  ),
  idempotency_mismatch: code(
    422,
    'The Idempotency-Key was used with another request',
    'A key belongs to one method, path and body. Use a new key for a new request.',
  ),
  rate_limited: code(
    429,
    'Too many requests',
    'Wait for `Retry-After` seconds. `RateLimit-Policy` and `RateLimit` tell the limit and what is left.',
    true,
  ),
  too_many_attempts: code(
    429,
    'Too many attempts',
    'Guessing is slowed down: wait for `Retry-After` seconds. A person who forgot the password can have it reset meanwhile.',
    true,
  ),
  headers_too_large: code(
    431,
    'The headers are too large',
    'The request line and all headers together may have at most 16 KiB. Move what is long into the body.',
  ),
  internal_error: code(500, 'Something went wrong on our side', 'The request id finds the cause in the log. Nothing was half-written.'),
  service_unavailable: code(
    503,
    'A service that this needs is not available',
    'Wait for `Retry-After` seconds and send the same request again. Nothing was written, unless the connection broke in the very moment of the commit: an Idempotency-Key makes the repeat safe.',
    true,
  ),
} as const satisfies Record<string, ErrorCode>;

export type ErrorCodeName = keyof typeof ERROR_CODES;
