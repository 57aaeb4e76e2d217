import type { Knex } from 'knex';
import { toAppError } from '../../db/errors.ts';
import { findApiKey } from '../../db/queries/findApiKey.ts';
import { toKeyRecord } from './keyRecord.ts';
import type { KeyRecord } from './keyRecord.ts';

/** The key behind a public key id, or null. Throws service_unavailable. */
export async function findKey(knex: Knex, keyId: string): Promise<KeyRecord | null> {
  try {
    const found = await findApiKey(knex, keyId);
    return found && toKeyRecord(found);
  } catch (error) {
    throw toAppError(error);
  }
}
