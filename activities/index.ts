import { sweepKeys } from './apiKeys/sweepKeys.ts';
import { tendKeyRotation } from './apiKeys/tendKeyRotation.ts';
import { publishSigningKey } from './auth/publishSigningKey.ts';
import { removeSigningKeys } from './auth/removeSigningKeys.ts';
import type { ActivityDeps } from './deps.ts';
import { rotateEncryptionKeys } from './encryptionKeys/rotateEncryptionKeys.ts';
import { erasePayloads } from './events/erasePayloads.ts';
import { recheckDomain } from './domains/recheckDomain.ts';
import { withFailures } from './failure.ts';
import { sendMail } from './mail/sendMail.ts';
import { eraseOrganization } from './organizations/eraseOrganization.ts';
import { tendDeletion } from './organizations/tendDeletion.ts';
import { relayOutbox } from './outbox/relayOutbox.ts';
import { expireHistory } from './retention/expireHistory.ts';
import { keepPartitions } from './retention/keepPartitions.ts';
import { deliverDue } from './webhooks/deliverDue.ts';
import { deliverExpress } from './webhooks/express/deliverExpress.ts';
import { replayBatch } from './webhooks/replayBatch.ts';
import { retireSecret } from './webhooks/retireSecret.ts';
import { rollUpStats } from './webhooks/rollUpStats.ts';

/** The names are wire names: workflows and histories know the activities by them. */
export function createActivities(deps: ActivityDeps) {
  return withFailures({
    deliverDue: deliverDue(deps),
    deliverExpress: deliverExpress(deps),
    eraseOrganization: eraseOrganization(deps),
    erasePayloads: erasePayloads(deps),
    expireHistory: expireHistory(deps),
    keepPartitions: keepPartitions(deps),
    publishSigningKey: publishSigningKey(deps),
    recheckDomain: recheckDomain(deps),
    relayOutbox: relayOutbox(deps),
    removeSigningKeys: removeSigningKeys(deps),
    replayBatch: replayBatch(deps),
    retireSecret: retireSecret(deps),
    rollUpStats: rollUpStats(deps),
    rotateEncryptionKeys: rotateEncryptionKeys(deps),
    sendMail: sendMail(deps),
    sweepKeys: sweepKeys(deps),
    tendDeletion: tendDeletion(deps),
    tendKeyRotation: tendKeyRotation(deps),
  });
}

export type Activities = ReturnType<typeof createActivities>;
