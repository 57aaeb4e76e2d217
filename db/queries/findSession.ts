import type { Knex } from 'knex';
import type { Grant } from './grant.ts';

/** What find_session() tells; snake_case as in the table. */
export interface FoundSession {
  id: string;
  user_id: string;
  email: string;
  name: string | null;
  email_verified_at: Date | null;
  amr: string[];
  auth_time: Date;
  mfa_at: Date | null;
  expires_at: Date;
  revoked_at: Date | null;
  user_deleted: boolean;
  /** null: no organization was asked for, or there is none of that id. */
  org_id: string | null;
  org_plan: string | null;
  org_deleted: boolean | null;
  org_settings: Record<string, unknown> | null;
  /** null: the person is no active member of it. */
  membership_id: string | null;
  grants: Grant[] | null;
}

/** A session by its id, and what its person may do in one organization (uuids). Who asks has proven by a signed token that it is theirs. */
export async function findSession(knex: Knex, sessionId: string, orgId: string | null): Promise<FoundSession | null> {
  const { rows } = await knex.raw<{ rows: FoundSession[] }>('SELECT * FROM find_session(?, ?)', [sessionId, orgId]);
  return rows[0] ?? null;
}
