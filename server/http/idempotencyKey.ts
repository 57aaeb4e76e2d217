import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../services/errors/AppError.ts';
import type { PersonClaim } from '../../services/idempotency/personRequests.ts';
import type { SessionRecord } from '../../services/auth/sessionRecord.ts';
import type { Deps } from '../deps.ts';

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/** The Idempotency-Key of a request; null: it has none. Throws invalid_idempotency_key. */
export function idempotencyKeyOf(headers: Pick<IncomingHttpHeaders, string>): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  if (VISIBLE_ASCII.test(String(key))) return String(key);
  throw new AppError('invalid_idempotency_key', {
    detail: 'Send 1 to 255 visible ASCII characters, such as a UUID.',
    fields: [{ location: 'header.idempotency-key', message: 'expected 1 to 255 visible ASCII characters' }],
  });
}

interface Asking {
  headers: Pick<IncomingHttpHeaders, string>;
  rawBody: Buffer | null;
  session: SessionRecord;
  deps: Pick<Deps, 'derivedKeys'>;
}

/** The claim of a person, for an operation (its id) that is in no organization; null: the request has no key. Throws invalid_idempotency_key. */
export function personClaimOf({ headers, rawBody, session, deps }: Asking, route: string): PersonClaim | null {
  const key = idempotencyKeyOf(headers);
  if (key === null) return null;
  const mac = createHmac('sha256', deps.derivedKeys.of('idempotency_fingerprint')).update(JSON.stringify([session.userId, route]));
  return { route, key, fingerprint: (rawBody ? mac.update(rawBody) : mac).digest() };
}
