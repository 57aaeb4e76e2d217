import type { Client } from '@temporalio/client';
import { typeId } from '../../server/ids.ts';
import * as encryptionKeyRotation from '../../workflows/encryptionKeyRotation/contract.ts';

/** Sees to it that a rotation (uuid) runs. Safe to repeat: one workflow id per rotation. */
export async function startEncryptionKeyRotation(temporal: Client, id: string): Promise<void> {
  const rotationId = typeId('ekr', id);
  await temporal.workflow.start(encryptionKeyRotation.NAME, {
    workflowId: encryptionKeyRotation.workflowId({ rotationId }),
    taskQueue: encryptionKeyRotation.TASK_QUEUE,
    args: [{ v: 1, rotationId }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: 'Replaces an encryption key',
    staticDetails: `The row of ${rotationId} in encryption_key_rotations knows what is rotated and how far it is; \`npm run keys:status\` shows it.`,
  });
}
