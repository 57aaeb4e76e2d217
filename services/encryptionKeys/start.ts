import type { Knex } from 'knex';
import { newId, typeId } from '../../server/ids.ts';
import { withTenant } from '../../db/tenancy.ts';
import { appendAuditBatch } from '../audit/append.ts';
import type { AuditDeps } from '../audit/append.ts';
import type { Actor } from '../context.ts';
import { newDataKey } from '../crypto/dataKeys.ts';
import type { MasterVault } from '../crypto/vault.ts';
import { AppError } from '../errors/AppError.ts';
import { countSealed } from './countSealed.ts';

export interface StartDeps extends AuditDeps {
  /** Pool of artisan_system. */
  system: Knex;
  vault: MasterVault;
  propagationMs: number;
}

/** The operator's command is the actor. */
export const operator = (orgId: string): Actor => ({
  type: 'system',
  id: orgId,
  name: 'Operator',
  orgId,
  workspaceId: null,
  permissions: new Set(),
  ip: null,
  userAgent: null,
  requestId: null,
  workflowId: null,
});

/**
 * Puts the rotation to the first key of ENCRYPTION_KEYS on record, unless one runs: its id (uuid).
 * Throws conflict when values are sealed with a master key that ENCRYPTION_KEYS does not hold, or a rotation to another key runs.
 */
export async function startMasterRotation({ system, vault }: StartDeps): Promise<string> {
  const missing = (await countSealed(system)).filter(({ keyId }) => keyId !== null && !vault.keyIds.includes(keyId));
  if (missing.length > 0) {
    const needs = missing.map(({ keyId, column, values }) => `"${keyId}" (${values} values in ${column})`).join(', ');
    throw new AppError('conflict', {
      detail: `ENCRYPTION_KEYS lacks keys that are still needed: ${needs}. Add them back to the end of the list.`,
    });
  }
  return system.transaction(async (trx) => {
    const id = newId();
    const keyId = vault.currentKeyId;
    await trx('encryption_key_rotations').insert({ id, kind: 'master', key_id: keyId, phase: 'reseal' }).onConflict().ignore();
    const running = await unfinished(trx, { kind: 'master' });
    if (running.key_id === keyId) return running.id;
    throw new AppError('conflict', {
      detail: `A rotation to master key "${running.key_id}" is not finished. Its workers need that key first in ENCRYPTION_KEYS.`,
    });
  });
}

/**
 * Publishes a new data key of one organization (uuid) and puts its rotation on record, unless one runs: its id (uuid).
 * Throws not_found when there is no such organization.
 */
export async function startDataRotation(deps: StartDeps, orgId: string): Promise<string> {
  return withTenant(deps.system, orgId, async (trx) => {
    const organization: unknown = await trx('organizations').where({ id: orgId }).forNoKeyUpdate().first('id');
    if (!organization) throw new AppError('not_found');
    const running = await trx('encryption_key_rotations')
      .where({ kind: 'data', organization_id: orgId })
      .whereNull('finished_at')
      .first<{ id: string } | undefined>('id');
    if (running) return running.id;
    const { id: keyId, wrapped } = newDataKey(deps.vault, orgId);
    const id = newId();
    await trx('data_keys').insert({ org_id: orgId, id: keyId, wrapped, state: 'pending' });
    await trx('encryption_key_rotations').insert({
      id,
      kind: 'data',
      organization_id: orgId,
      key_id: keyId,
      phase: 'activate',
      next_step_at: trx.raw("now() + ? * interval '1 millisecond'", [deps.propagationMs]),
    });
    const targets = [{ type: 'organization', id: typeId('org', orgId) }];
    const input = {
      action: 'encryption_keys.rotate',
      category: 'system_config' as const,
      targets,
      after: { data_key_id: typeId('dek', keyId) },
    };
    await appendAuditBatch(trx, [{ actor: operator(orgId), input }], deps);
    return id;
  });
}

async function unfinished(trx: Knex.Transaction, where: object): Promise<{ id: string; key_id: string }> {
  const row: unknown = await trx('encryption_key_rotations').where(where).whereNull('finished_at').first('id', 'key_id');
  return row as { id: string; key_id: string };
}
