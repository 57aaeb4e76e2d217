import type { Transaction } from 'objection';

/** An organization that a person is an active member of; uuids. */
export interface OwnOrganization {
  orgId: string;
  name: string;
  slug: string;
  plan: string;
  membershipId: string;
  joinedAt: Date;
}

interface Found {
  org_id: string;
  name: string;
  slug: string;
  plan: string;
  deleted_at: Date | null;
  membership_id: string;
  membership_status: string;
  joined_at: Date;
}

/** Those that the person of the transaction can enter, the first joined first. */
export async function ownOrganizations(trx: Transaction, userId: string): Promise<OwnOrganization[]> {
  const { rows } = await trx.raw<{ rows: Found[] }>('SELECT * FROM organizations_of(?) ORDER BY joined_at, org_id', [userId]);
  return rows
    .filter((row) => row.deleted_at === null && row.membership_status === 'active')
    .map((row) => ({
      orgId: row.org_id,
      name: row.name,
      slug: row.slug,
      plan: row.plan,
      membershipId: row.membership_id,
      joinedAt: row.joined_at,
    }));
}
