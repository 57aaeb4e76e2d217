import type { Knex } from 'knex';

/** What find_api_key() tells; snake_case as in the table. */
export interface FoundApiKey {
  id: string;
  org_id: string;
  workspace_id: string | null;
  name: string;
  digest: Buffer;
  scopes: string[];
  rate_limit_per_hour: number | null;
  expires_at: Date | null;
  revoked_at: Date | null;
  org_plan: string;
  org_deleted: boolean;
}

/** The key with this public key id, of whichever organization: the one lookup that happens before the organization is known. */
export async function findApiKey(knex: Knex, keyId: string): Promise<FoundApiKey | null> {
  const { rows } = await knex.raw<{ rows: FoundApiKey[] }>('SELECT * FROM find_api_key(?)', [keyId]);
  return rows[0] ?? null;
}
