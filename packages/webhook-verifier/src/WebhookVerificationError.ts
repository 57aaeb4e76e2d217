/**
 * Why a request is refused. The first three are faults of the receiver's own code or configuration, the others of the request.
 * - `invalid_option`: no key at all, or a tolerance that is no number of seconds
 * - `invalid_key`: a key that does not have the form of its kind
 * - `invalid_body`: the body is neither text nor bytes (often: JSON that was parsed before)
 * - `missing_header`, `repeated_header`: one of the three headers is absent, or there more than once
 * - `invalid_id`, `invalid_timestamp`: it does not have the form that can be signed
 * - `timestamp_too_old`, `timestamp_too_new`: outside of the tolerance
 * - `no_usable_signature`: no well-formed signature of a scheme for which there is a key
 * - `too_many_signatures`: more than 32 in the header
 * - `signature_mismatch`: none of the signatures belongs to this id, timestamp and body
 */
export type WebhookVerificationCode =
  | 'invalid_option'
  | 'invalid_key'
  | 'invalid_body'
  | 'missing_header'
  | 'repeated_header'
  | 'invalid_id'
  | 'invalid_timestamp'
  | 'timestamp_too_old'
  | 'timestamp_too_new'
  | 'no_usable_signature'
  | 'too_many_signatures'
  | 'signature_mismatch';

/** Thrown for every refusal. The message is for the receiver's log: it never holds a key or the body. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError';
  readonly code: WebhookVerificationCode;

  constructor(code: WebhookVerificationCode, message: string) {
    super(message);
    this.code = code;
  }
}
