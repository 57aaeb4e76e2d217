import type { Transaction } from 'objection';
import type { Grant } from '../../db/queries/grant.ts';
import { isPlan } from '../plans.ts';
import type { Plan } from '../plans.ts';

/** An organization as one of its members sees it from outside. Ids are database uuids. */
export interface OwnOrganization {
  id: string;
  membershipId: string;
  name: string;
  slug: string;
  plan: Plan;
  settings: Record<string, unknown>;
  /** Built-in roles in the whole organization. */
  roles: string[];
  joinedAt: Date;
  createdAt: Date;
  deletedAt: Date | null;
  deletionDueAt: Date | null;
}

interface Found {
  org_id: string;
  membership_id: string;
  name: string;
  slug: string;
  plan: string;
  settings: Record<string, unknown>;
  membership_status: string;
  joined_at: Date;
  created_at: Date;
  deleted_at: Date | null;
  deletion_due_at: Date | null;
  erasure_started_at: Date | null;
  grants: Grant[] | null;
}

/**
 * The organizations of the person of the transaction, the first joined first: those that can be entered, and to their owners also deleted ones for
 * as long as they can be restored.
 */
export async function listOwnOrganizations(trx: Transaction, userId: string): Promise<OwnOrganization[]> {
  const { rows } = await trx.raw<{ rows: Found[] }>('SELECT * FROM organizations_of(?) ORDER BY joined_at, org_id', [userId]);
  return rows
    .map(toOwn)
    .filter(({ roles, ...row }) => row.active && (row.deletedAt === null || (row.restorable && roles.includes('owner'))));
}

function toOwn(row: Found): OwnOrganization & { active: boolean; restorable: boolean } {
  const grants = (row.grants ?? []).filter(({ workspace_id: workspaceId }) => workspaceId === null);
  return {
    id: row.org_id,
    membershipId: row.membership_id,
    name: row.name,
    slug: row.slug,
    plan: isPlan(row.plan) ? row.plan : 'free',
    settings: row.settings,
    roles: [...new Set(grants.flatMap(({ role }) => role ?? []))],
    joinedAt: row.joined_at,
    createdAt: row.created_at,
    deletedAt: row.deleted_at,
    deletionDueAt: row.deletion_due_at,
    active: row.membership_status === 'active',
    restorable: row.deletion_due_at !== null && row.erasure_started_at === null,
  };
}
