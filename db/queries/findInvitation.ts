import type { Knex } from 'knex';
import type { OfferedRole } from '../models/Invitation.ts';

/** An invitation by its token, looked up before the organization is entered. Ids are uuids. */
export interface FoundInvitation {
  org_id: string;
  id: string;
  email: string;
  roles: OfferedRole[];
  status: 'pending' | 'accepted';
  expires_at: Date;
  accepted_by: string | null;
  org_name: string;
  inviter_name: string | null;
}

/** null when there is none, or it was revoked, or its organization is gone. */
export async function findInvitation(knex: Knex, tokenDigest: Buffer): Promise<FoundInvitation | null> {
  const { rows } = await knex.raw<{ rows: FoundInvitation[] }>('SELECT * FROM find_invitation(?)', [tokenDigest]);
  return rows[0] ?? null;
}
