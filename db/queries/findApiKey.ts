import type { Knex } from 'knex';
import type { Grant } from './grant.ts';

/** What find_api_key() tells; snake_case as in the table. */
export interface FoundApiKey {
  id: string;
  org_id: string;
  workspace_id: string | null;
  key_id: string;
  name: string;
  digest: Buffer;
  scopes: string[];
  owner_type: 'organization' | 'user';
  owner_user_id: string | null;
  rate_limit_per_hour: number | null;
  allowed_ips: string[];
  expires_at: Date | null;
  revoked_at: Date | null;
  created_at: Date;
  family_id: string;
  rotated_at: Date | null;
  retires_at: Date | null;
  disabled_at: Date | null;
  org_plan: string;
  org_deleted: boolean;
  org_settings: Record<string, unknown>;
  /** null: a key of the organization, or its owner is no active member any more. */
  owner_grants: Grant[] | null;
}

/** The key with this public key id, of whichever organization: the one lookup that happens before the organization is known. */
export async function findApiKey(knex: Knex, keyId: string): Promise<FoundApiKey | null> {
  const { rows } = await knex.raw<{ rows: FoundApiKey[] }>('SELECT * FROM find_api_key(?)', [keyId]);
  return rows[0] ?? null;
}
