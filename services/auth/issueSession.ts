import { RefreshToken } from '../../db/models/RefreshToken.ts';
import { Session } from '../../db/models/Session.ts';
import { newId } from '../../server/ids.ts';
import { orderedAmr } from './amr.ts';
import type { AccessTokens } from './accessTokens.ts';
import { chooseOrganization } from './chooseOrganization.ts';
import type { PersonContext } from './personContext.ts';
import { newSecretToken } from './secretToken.ts';

const DAY_MS = 86_400_000;
/** However active it is, a session ends then. */
export const SESSION_MS = 30 * DAY_MS;
/** A session that nobody refreshes ends then. */
export const INACTIVITY_MS = 7 * DAY_MS;
/** Somebody who signs in over and over keeps the newest. */
const MOST_SESSIONS = 50;
const MAX_USER_AGENT = 512;

/** How the person proved who they are. */
export interface Proof {
  /** RFC 8176: `pwd`, `otp`, `hwk`, … */
  amr: readonly string[];
  authTime: Date;
  /** When a second factor was proven; null: none was. */
  mfaAt: Date | null;
}

/** Tokens of a session; times are ends. */
export interface IssuedSession {
  sessionId: string;
  /** The organization that was entered; uuid. */
  orgId: string | null;
  accessToken: string;
  accessExpiresAt: Date;
  refreshToken: string;
  refreshExpiresAt: Date;
}

/**
 * Signs the person of the transaction in: a new session with its first tokens. `orgId` (uuid): the organization to enter; undefined: the one that
 * the person is in, if it is exactly one. Who calls has checked the proof. Throws not_found when the person is no active member of `orgId`.
 */
export async function issueSession(
  person: PersonContext,
  tokens: AccessTokens,
  { proof, orgId }: { proof: Proof; orgId?: string | undefined },
): Promise<IssuedSession> {
  const { trx, userId, origin, clock } = person;
  const now = clock.now();
  const activeOrgId = await chooseOrganization(trx, userId, orgId);
  const expiresAt = new Date(now.getTime() + SESSION_MS);
  const session = { userId, id: newId(clock), activeOrgId, amr: orderedAmr(proof.amr), authTime: proof.authTime, mfaAt: proof.mfaAt };
  await Session.query(trx).insert({
    ...session,
    ip: origin.ip,
    userAgent: origin.userAgent?.slice(0, MAX_USER_AGENT) ?? null,
    createdAt: now,
    lastUsedAt: now,
    expiresAt,
  });
  await endOldest(person, now);
  const refresh = await insertRefreshToken(person, { id: session.id, expiresAt });
  const access = await tokens.issue(session, activeOrgId);
  return {
    sessionId: session.id,
    orgId: activeOrgId,
    accessToken: access.token,
    accessExpiresAt: access.expiresAt,
    refreshToken: refresh.text,
    refreshExpiresAt: refresh.expiresAt,
  };
}

export interface NewRefreshToken {
  id: string;
  text: string;
  expiresAt: Date;
}

/** A further refresh token of a session. It ends with inactivity, and with the session at the latest. */
export async function insertRefreshToken(
  { trx, userId, clock }: PersonContext,
  session: { id: string; expiresAt: Date },
): Promise<NewRefreshToken> {
  const createdAt = clock.now();
  const { text, digest } = newSecretToken('rt', userId);
  const expiresAt = new Date(Math.min(createdAt.getTime() + INACTIVITY_MS, session.expiresAt.getTime()));
  const id = newId(clock);
  await RefreshToken.query(trx).insert({ userId, id, sessionId: session.id, digest, createdAt, expiresAt });
  return { id, text, expiresAt };
}

async function endOldest({ trx, userId }: PersonContext, now: Date): Promise<void> {
  const live = Session.query(trx).where({ user_id: userId, revoked_at: null }).where('expires_at', '>', now);
  const excess = live.orderBy('last_used_at', 'desc').offset(MOST_SESSIONS).select('id');
  await Session.query(trx).where({ user_id: userId }).whereIn('id', excess).patch({ revokedAt: now, revokedReason: 'too_many_sessions' });
}
