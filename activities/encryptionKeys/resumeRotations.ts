import { Context } from '@temporalio/activity';
import { findStalledKeyRotations } from '../../services/encryptionKeys/findStalled.ts';
import { startEncryptionKeyRotation } from '../../services/encryptionKeys/lifecycle.ts';
import type { ActivityDeps } from '../deps.ts';

/** Of the relay's sweep: starts the workflows of rotations that nobody works on. */
export async function resumeRotations({ systemKnex, temporal }: ActivityDeps, overdueMs: number): Promise<void> {
  const stalled = await systemKnex.transaction((trx) => findStalledKeyRotations(trx, { overdueMs }));
  for (const id of stalled) {
    Context.current().heartbeat();
    await startEncryptionKeyRotation(temporal, id);
  }
}
