import { LRUCache } from 'lru-cache';
import type { FoundSession } from '../../db/queries/findSession.ts';
import type { Clock } from '../../server/clock.ts';
import { AppError } from '../errors/AppError.ts';
import { goodFor } from '../goodFor.ts';
import type { AccessClaims, AccessTokens } from './accessTokens.ts';
import { Changes } from './changes.ts';
import { toSessionRecord } from './sessionRecord.ts';
import type { SessionRecord } from './sessionRecord.ts';

export interface SessionAuthenticator {
  /**
   * The live session behind an access token. Throws invalid_access_token, access_token_expired, session_ended;
   * service_unavailable when it cannot know.
   */
  authenticate(token: string): Promise<SessionRecord>;
  /** `access_changed`: something about one organization or one person is not what it was. */
  forget(subject: string): void;
  /** Changes may have been missed. */
  forgetAll(): void;
}

interface SessionAuthenticatorDeps {
  tokens: AccessTokens;
  clock: Clock;
  findSession: (sessionId: string, orgId: string | null) => Promise<FoundSession | null>;
}

/** A change that no notification told of is seen after this time at the latest. */
const CACHE_TTL_MS = 5_000;
const CACHE_ENTRIES = 10_000;
/** Longer than reading a session can take, and then keeping it. */
const CHANGES_KEPT_MS = 60_000;

interface Kept {
  record: SessionRecord;
  /** When reading it began. */
  position: number;
}

/** Proves the token, then looks up what is true now: the token is never believed about more than who holds it. Ended sessions are not kept. */
export function createSessionAuthenticator({ tokens, clock, findSession }: SessionAuthenticatorDeps): SessionAuthenticator {
  const kept = new LRUCache<string, Kept>({ max: CACHE_ENTRIES, ...goodFor(CACHE_TTL_MS) });
  const loading = new Map<string, { position: number; record: Promise<SessionRecord> }>();
  const changes = new Changes(CHANGES_KEPT_MS);

  const load = (key: string, claims: AccessClaims): Promise<SessionRecord> => {
    const { position } = changes;
    const record = findSession(claims.sessionId, claims.orgId)
      .then((found) => {
        const live = assertLive(found, claims, clock);
        kept.set(key, { record: live, position });
        return live;
      })
      .finally(() => {
        if (loading.get(key)?.record === record) loading.delete(key);
      });
    loading.set(key, { position, record });
    return record;
  };

  return {
    async authenticate(token) {
      const claims = await tokens.verify(token);
      const key = `${claims.sessionId} ${claims.orgId ?? ''}`;
      const subjects = [`user:${claims.userId}`, `org:${claims.orgId ?? ''}`];
      const known = kept.get(key);
      if (known && known.record.userId === claims.userId && !changes.since(known.position, subjects)) return stillLive(known.record, clock);
      const running = loading.get(key);
      const record = await (running && !changes.since(running.position, subjects) ? running.record : load(key, claims));
      if (record.userId !== claims.userId) throw ended();
      return record;
    },
    forget: (subject) => changes.note(subject),
    forgetAll: () => changes.noteAll(),
  };
}

function assertLive(found: FoundSession | null, claims: AccessClaims, clock: Clock): SessionRecord {
  if (!found || found.user_id !== claims.userId || found.revoked_at !== null || found.user_deleted) throw ended();
  return stillLive(toSessionRecord(found), clock);
}

function stillLive(record: SessionRecord, clock: Clock): SessionRecord {
  if (record.expiresAt <= clock.now()) throw ended();
  return record;
}

const ended = (): AppError => new AppError('session_ended');
