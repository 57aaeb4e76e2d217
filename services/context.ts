import type { Transaction } from 'objection';
import type { TenantPipeline } from '../db/pipeline.ts';
import type { Sender } from '../db/prepared.ts';
import type { Clock } from '../server/clock.ts';
import type { Permission } from './permissions.ts';
import type { Vault } from './crypto/vault.ts';
import type { SubjectKeys } from './audit/subjectKeys.ts';

/** Who does it: the credential of a request, or the workflow or command that acts on its own. Ids are database uuids. */
export interface Actor {
  type: 'api_key' | 'user' | 'system' | 'workflow';
  id: string;
  name: string;
  orgId: string;
  /** Set when the credential is bound to one workspace. */
  workspaceId: string | null;
  permissions: ReadonlySet<Permission>;
  ip: string | null;
  userAgent: string | null;
  requestId: string | null;
  /** Temporal workflow id, when a workflow acts. */
  workflowId: string | null;
  /** The session through which a user acts. */
  session?: ActorSession;
}

/** What of a session decides later on: times of proofs, and how they were given (RFC 8176). */
export interface ActorSession {
  id: string;
  email: string;
  membershipId: string;
  amr: readonly string[];
  authTime: Date;
  mfaAt: Date | null;
}

/** What a service gets that reads with prepared statements alone (db/queries/reading.ts). */
export interface ReadContext {
  trx: Sender;
  actor: Actor;
}

/** What a service of one organization gets: its open transaction (fenced to `actor.orgId`), and who acts. */
export interface TenantContext {
  trx: Transaction;
  actor: Actor;
  clock: Clock;
  /** The organization's own. */
  vault: Vault;
  subjectKeys: SubjectKeys;
}

/** What a service gets whose last statements leave together with COMMIT: it sends prepared statements alone. */
export interface ChangeContext extends Omit<TenantContext, 'trx'> {
  trx: TenantPipeline;
}
