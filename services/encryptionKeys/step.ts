import type { Transaction } from 'objection';
import { typeId } from '../../server/ids.ts';
import { appendAuditBatch } from '../audit/append.ts';
import type { AuditDeps } from '../audit/append.ts';
import type { AuditInput } from '../audit/entry.ts';
import type { Actor } from '../context.ts';
import { ANY_DATA_KEY, headerOf, VaultError } from '../crypto/envelope.ts';
import { nameOf, SEALED_COLUMNS } from '../crypto/sealedColumns.ts';
import { activateDataKey } from './activate.ts';
import type { UpToDate } from './readChunk.ts';
import { resealNext } from './resealNext.ts';
import type { ResealedChunk, VaultDeps } from './resealNext.ts';
import { lockRotation, saveRotation } from './rotation.ts';
import type { KeyRotation } from './rotation.ts';

export interface StepDeps extends VaultDeps, AuditDeps {
  /** How long every process may go on with the data keys that it knows. */
  propagationMs: number;
  /** Who does it, in the audit log of an organization (uuid). */
  actorIn: (orgId: string) => Actor;
}

/** After a pass that left something to somebody who held it. */
const NEXT_PASS_MS = 1_000;

/**
 * Takes the next step of a rotation in one transaction of artisan_system, and says where it stands then. Null when there is no such rotation.
 * Throws VaultError when this process does not seal with the master key that is to remain.
 */
export async function stepRotation(trx: Transaction, deps: StepDeps, id: string): Promise<KeyRotation | null> {
  const rotation = await lockRotation(trx, id);
  if (rotation === null || rotation.outcome !== null || rotation.waitMs > 0) return rotation;
  assertKey(deps, rotation);
  const next = rotation.phase === 'activate' ? await activate(trx, deps, rotation) : await reseal(trx, deps, rotation);
  await saveRotation(trx, next);
  return next;
}

function assertKey({ vault }: StepDeps, { kind, keyId }: KeyRotation): void {
  if (kind === 'data' || vault.currentKeyId === keyId) return;
  throw new VaultError(`The rotation is to master key "${keyId}", but ENCRYPTION_KEYS of this worker begins with "${vault.currentKeyId}"`);
}

/** Everybody can open what the new key seals by now; from now on it seals. Who still seals with the old one does so for as long again. */
async function activate(trx: Transaction, deps: StepDeps, rotation: KeyRotation): Promise<KeyRotation> {
  await activateDataKey(trx, rotation.organizationId!, rotation.keyId);
  return { ...rotation, phase: 'reseal', waitMs: deps.propagationMs };
}

async function reseal(trx: Transaction, deps: StepDeps, rotation: KeyRotation): Promise<KeyRotation> {
  const columns = SEALED_COLUMNS.filter(({ organization }) => rotation.kind === 'master' || organization !== null);
  const at = Math.max(
    0,
    columns.findIndex((column) => nameOf(column) === rotation.position?.column),
  );
  const column = columns[at]!;
  const { organizationId: orgId } = rotation;
  const after = rotation.position?.after ?? null;
  const chunk = await resealNext(trx, deps, { column, orgId, after, upToDate: upToDateWith(rotation) });
  if (nameOf(column) === 'data_keys.wrapped') await reportRewrapped(trx, deps, rotation, chunk);
  const following = columns[at + 1];
  const counted = counting(rotation, chunk);
  if (chunk.last !== null) return { ...counted, position: { column: nameOf(column), after: chunk.last } };
  if (following) return { ...counted, position: { column: nameOf(following), after: null } };
  return endPass(trx, deps, counted);
}

/** What an organization's data key sealed is not the affair of a master key; what a master key sealed before there were data keys is. */
function upToDateWith({ kind, keyId }: KeyRotation): UpToDate {
  const header = headerOf({ kind, id: keyId });
  return { ofOrganization: kind === 'data' ? header : ANY_DATA_KEY, ofInstallation: header };
}

function counting(rotation: KeyRotation, { looked, outdated, resealed, unreadable }: ResealedChunk): KeyRotation {
  return {
    ...rotation,
    waitMs: 0,
    examined: rotation.examined + looked,
    resealed: rotation.resealed + resealed,
    passOutdated: rotation.passOutdated + outdated,
    passUnreadable: rotation.passUnreadable + unreadable,
  };
}

/** The rotation is over when a whole pass finds nothing that can be sealed again: that pass is its verification. */
async function endPass(trx: Transaction, deps: StepDeps, rotation: KeyRotation): Promise<KeyRotation> {
  const { passOutdated, passUnreadable } = rotation;
  if (passOutdated > 0) {
    const again = { pass: rotation.pass + 1, passOutdated: 0, passUnreadable: 0, position: null };
    return { ...rotation, ...again, waitMs: rotation.pass === 1 ? 0 : NEXT_PASS_MS };
  }
  const over = { ...rotation, position: null, outcome: passUnreadable > 0 ? ('incomplete' as const) : ('done' as const) };
  if (over.kind === 'data') await reportRotated(trx, deps, over);
  return over;
}

async function reportRotated(
  trx: Transaction,
  deps: StepDeps,
  { organizationId, keyId, resealed, passUnreadable }: KeyRotation,
): Promise<void> {
  const after = { data_key_id: typeId('dek', keyId), resealed, unreadable: passUnreadable };
  await report(trx, deps, organizationId!, { action: 'encryption_keys.rotated', after });
}

async function reportRewrapped(trx: Transaction, deps: StepDeps, { keyId }: KeyRotation, { renewed }: ResealedChunk): Promise<void> {
  for (const [orgId, dataKeys] of Map.groupBy(renewed, (key) => key['org_id']!)) {
    const after = { master_key_id: keyId, data_key_ids: dataKeys.map((key) => typeId('dek', key['id']!)) };
    await report(trx, deps, orgId, { action: 'encryption_keys.rewrapped', after });
  }
}

function report(trx: Transaction, deps: StepDeps, orgId: string, change: Pick<AuditInput, 'action' | 'after'>): Promise<unknown> {
  const targets = [{ type: 'organization', id: typeId('org', orgId) }];
  return appendAuditBatch(trx, [{ actor: deps.actorIn(orgId), input: { ...change, category: 'system_config', targets } }], deps);
}
