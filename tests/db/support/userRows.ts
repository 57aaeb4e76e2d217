import { randomBytes } from 'node:crypto';
import { newId } from '../../../server/ids.ts';

type Row = Record<string, unknown>;

export const sessionRow = (user_id: string) => ({
  user_id,
  id: newId(),
  amr: ['pwd'],
  auth_time: new Date(),
  expires_at: new Date(Date.now() + 60_000),
});

/** One row for every table that belongs to a person, parents first. A new table must be added: the isolation tests compare this list with the catalog. */
export function userRows(userId: string): Record<string, Row> {
  const session = sessionRow(userId);
  return { sessions: session, ...credentialRows(userId, session.id), ...factorRows(userId) };
}

function factorRows(user_id: string): Record<string, Row> {
  const own = { user_id, id: newId() };
  return {
    totp_factors: { ...own, sealed_secret: randomBytes(32) },
    webauthn_credentials: {
      ...own,
      credential_id: own.id,
      public_key: randomBytes(32),
      counter: 0,
      transports: [],
      name: 'Key',
      aaguid: '',
      synced: false,
      backed_up: false,
    },
    webauthn_challenges: { ...own, challenge: own.id, purpose: 'register', bound_to: own.id, expires_at: new Date() },
    recovery_codes: { ...own, digest: randomBytes(32) },
  };
}

function credentialRows(user_id: string, session_id: string): Record<string, Row> {
  const own = { user_id, id: newId() };
  const times = { created_at: new Date(), expires_at: new Date(Date.now() + 60_000) };
  const token = { ...own, digest: randomBytes(32), ...times };
  return {
    passwords: { user_id, hash: '$argon2id$', changed_at: new Date() },
    refresh_tokens: { ...token, session_id },
    person_requests: { ...own, route: 'organizations.create', key: own.id, fingerprint: randomBytes(32), made_id: own.id, ...times },
    person_tokens: { ...token, purpose: 'verify_email', email: 'ada@example.com' },
  };
}
