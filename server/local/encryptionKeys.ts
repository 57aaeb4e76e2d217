import { Client, Connection } from '@temporalio/client';
import { createKnex } from '../../db/knex.ts';
import { createSubjectKeys } from '../../services/audit/subjectKeys.ts';
import { createVault } from '../../services/crypto/vault.ts';
import type { MasterVault } from '../../services/crypto/vault.ts';
import { startEncryptionKeyRotation } from '../../services/encryptionKeys/lifecycle.ts';
import { startDataRotation, startMasterRotation } from '../../services/encryptionKeys/start.ts';
import { encryptionStatus } from '../../services/encryptionKeys/status.ts';
import type { EncryptionStatus } from '../../services/encryptionKeys/status.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { parseTypeId, typeId } from '../ids.ts';

type OperatorConfig = Config & { DATABASE_SYSTEM_URL: string };

/** As `keys:rotate` prints it. */
export interface RotationOut {
  rotation_id: string;
  /** False when Temporal did not answer: the relay starts the workflow then, within three minutes. */
  workflow_started: boolean;
}

/** Every value is counted: more than a request may take. */
const STATEMENT_TIMEOUT_MS = 10 * 60_000;
const TEMPORAL_TIMEOUT_MS = 5_000;

/** Starts the rotation of the master key, or of the data key of one organization (`org_…`). Throws AppError conflict, not_found; Error for an id that is none. */
export function rotateKeys(config: OperatorConfig, organization: string | undefined): Promise<RotationOut> {
  return withSystem(config, async (system, vault) => {
    const deps = {
      system,
      vault,
      clock: systemClock,
      subjectKeys: createSubjectKeys(vault),
      propagationMs: config.DATA_KEY_CACHE_SECONDS * 2_000,
    };
    const id = organization === undefined ? await startMasterRotation(deps) : await startDataRotation(deps, orgIdOf(organization));
    return { rotation_id: typeId('ekr', id), workflow_started: await startWorkflow(config, id) };
  });
}

/** Which master keys are still needed, and by what. */
export function keysStatus(config: OperatorConfig): Promise<EncryptionStatus> {
  return withSystem(config, encryptionStatus);
}

async function withSystem<T>(
  config: OperatorConfig,
  work: (system: ReturnType<typeof createKnex>, vault: MasterVault) => Promise<T>,
): Promise<T> {
  const options = { max: 1, applicationName: 'artisan-operator', statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  const system = createKnex(config.DATABASE_SYSTEM_URL, options);
  try {
    return await work(system, createVault(config.ENCRYPTION_KEYS));
  } finally {
    await system.destroy();
  }
}

async function startWorkflow({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace }: Config, id: string): Promise<boolean> {
  if (address === undefined) return false;
  const connection = await Connection.connect({ address, connectTimeout: TEMPORAL_TIMEOUT_MS }).catch(() => null);
  if (connection === null) return false;
  try {
    await startEncryptionKeyRotation(new Client({ connection, namespace }), id);
    return true;
  } catch {
    // The row is there: the relay finds that nobody works on it.
    return false;
  } finally {
    await connection.close();
  }
}

function orgIdOf(text: string): string {
  const uuid = parseTypeId('org', text);
  if (uuid === null) throw new Error(`--org: expected an id such as org_01h4…, not ${text.slice(0, 40)}`);
  return uuid;
}
