import { RefreshToken } from '../../db/models/RefreshToken.ts';
import { Session } from '../../db/models/Session.ts';
import { User } from '../../db/models/User.ts';
import { typeId } from '../../server/ids.ts';
import { AppError } from '../errors/AppError.ts';
import type { ErrorCodeName } from '../errors/codes.ts';
import { auditPerson } from './auditPerson.ts';
import type { AuthDeps } from './authDeps.ts';
import { guardedByAddress } from './guardedByAddress.ts';
import { insertRefreshToken } from './issueSession.ts';
import type { IssuedSession } from './issueSession.ts';
import { ownOrganizations } from './ownOrganizations.ts';
import type { Origin, PersonContext } from './personContext.ts';
import { revokeSessions } from './revokeSessions.ts';
import { runAsPerson } from './runAsPerson.ts';
import { readSecretToken } from './secretToken.ts';
import { successorContext } from './successorContext.ts';

/** Whoever lost the answer may ask again this soon and gets the same successor. */
export const REPLAY_GRACE_MS = 10_000;

interface Successor {
  session: Session;
  text: string;
  expiresAt: Date;
}
/** A refusal is an answer here, so that what it changes is committed. */
type Outcome = Successor | { refused: ErrorCodeName };

/**
 * Exchanges a refresh token for the next one and a new access token. A token that was used before ends its session, unless it is the immediate
 * predecessor within ten seconds. Throws what ends the session for good: invalid_refresh_token, refresh_token_reused, session_ended;
 * and what passes: too_many_attempts, service_unavailable.
 */
export async function refresh(deps: AuthDeps, origin: Origin, text: string): Promise<IssuedSession> {
  return guardedByAddress(deps.auth.throttle, origin, async () => {
    const read = readSecretToken('rt', text);
    if (!read) throw new AppError('invalid_refresh_token');
    const { userId, digest } = read;
    const outcome = await runAsPerson(deps, { userId, origin }, (person) => exchange(person, digest));
    if ('refused' in outcome) throw new AppError(outcome.refused);
    const { session, ...token } = outcome;
    const access = await deps.auth.tokens.issue(session, session.activeOrgId);
    return {
      sessionId: session.id,
      orgId: session.activeOrgId,
      accessToken: access.token,
      accessExpiresAt: access.expiresAt,
      refreshToken: token.text,
      refreshExpiresAt: token.expiresAt,
    };
  });
}

async function exchange(person: PersonContext, digest: Buffer): Promise<Outcome> {
  const { trx, userId, clock } = person;
  const found = await RefreshToken.query(trx).findOne({ user_id: userId, digest });
  if (!found) return { refused: 'invalid_refresh_token' };
  // Parallel refreshes of one session wait here for each other, so the token is read again.
  const session = await Session.query(trx).findOne({ user_id: userId, id: found.sessionId }).forUpdate().throwIfNotFound();
  const token = await RefreshToken.query(trx).findOne({ user_id: userId, id: found.id }).throwIfNotFound();
  const user = await User.query(trx).findById(userId);
  const now = clock.now();
  if (session.revokedAt || session.expiresAt <= now || !user || user.deletedAt) return { refused: 'session_ended' };
  if (token.usedAt) return repeat(person, { session, token, user });
  if (token.expiresAt <= now) return { refused: 'session_ended' };
  return advance(person, session, token);
}

async function advance(person: PersonContext, session: Session, token: RefreshToken): Promise<Successor> {
  const { trx, userId, clock, vault } = person;
  const now = clock.now();
  const { id, text, expiresAt } = await insertRefreshToken(person, session);
  const sealedSuccessor = vault.seal(text, successorContext(token));
  const own = () => RefreshToken.query(trx).where({ user_id: userId });
  await own().where({ id: token.id }).patch({ usedAt: now, successorId: id, sealedSuccessor });
  // Its predecessor's copy of this token can be of no use any more.
  await own().where({ successor_id: token.id }).patch({ sealedSuccessor: null });
  const activeOrgId = await stillActive(person, session.activeOrgId);
  await Session.query(trx).where({ user_id: userId, id: session.id }).patch({ lastUsedAt: now, activeOrgId });
  return { session: Object.assign(session, { activeOrgId }), text, expiresAt };
}

/** The same successor for the immediate predecessor; for anything older, or later, the end of the session. */
async function repeat(
  person: PersonContext,
  { session, token, user }: { session: Session; token: RefreshToken; user: User },
): Promise<Outcome> {
  const { trx, userId, clock, vault } = person;
  const successor = await RefreshToken.query(trx).findOne({ user_id: userId, id: token.successorId }).throwIfNotFound();
  const recent = clock.now().getTime() - token.usedAt!.getTime() <= REPLAY_GRACE_MS;
  if (recent && successor.usedAt === null && token.sealedSuccessor) {
    return { session, text: vault.open(token.sealedSuccessor, successorContext(token)).toString('utf8'), expiresAt: successor.expiresAt };
  }
  await revokeSessions(person, { only: session.id, reason: 'refresh_token_reused' });
  await auditPerson(
    person,
    { email: user.email, name: user.name, session },
    {
      action: 'auth.refresh',
      category: 'authentication',
      severity: 'critical',
      outcome: 'denied',
      reason: 'refresh token used again; session ended',
      targets: [{ type: 'session', id: typeId('ses', session.id) }],
    },
  );
  return { refused: 'refresh_token_reused' };
}

/** Who was removed from the organization goes on without one. */
async function stillActive({ trx, userId }: PersonContext, orgId: string | null): Promise<string | null> {
  if (orgId === null) return null;
  return (await ownOrganizations(trx, userId)).some((own) => own.orgId === orgId) ? orgId : null;
}
