import { SearchAttributeType, TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { typeId } from '../../server/ids.ts';
import * as deliveryBatch from '../../workflows/deliveryBatch/contract.ts';
import * as endpointDelivery from '../../workflows/endpointDelivery/contract.ts';
import * as webhookReplay from '../../workflows/webhookReplay/contract.ts';
import * as webhookSecretRotation from '../../workflows/webhookSecretRotation/contract.ts';

const ORG_ID = defineSearchAttributeKey('OrgId', SearchAttributeType.KEYWORD);
const SUBJECT = defineSearchAttributeKey('Subject', SearchAttributeType.KEYWORD);

/** Database uuids. */
export interface EndpointRef {
  orgId: string;
  endpointId: string;
}

/** Tells the endpoint's workflow that there is work; starts it if it rests. Safe to repeat: one workflow id per endpoint. */
export async function wakeEndpoint(temporal: Client, ref: EndpointRef): Promise<void> {
  const ids = { orgId: typeId('org', ref.orgId), endpointId: typeId('whk', ref.endpointId) };
  await temporal.workflow.signalWithStart(endpointDelivery.NAME, {
    workflowId: endpointDelivery.workflowId(ids),
    taskQueue: endpointDelivery.TASK_QUEUE,
    args: [{ v: 1, ...ids }],
    signal: endpointDelivery.wakeSignal,
    signalArgs: [],
    typedSearchAttributes: searchableBy(ids),
    staticSummary: `Delivers what is due to ${ids.endpointId}`,
    staticDetails: `Organization ${ids.orgId}. Runs while deliveries are due or scheduled; the rows in Postgres are the truth.`,
    priority: { fairnessKey: ids.orgId },
  });
}

/** Tells one of the workflows of the express lane that there is work; starts it if it rests. Safe to repeat: one workflow id per shard. */
export async function wakeExpress(temporal: Client, shard: number): Promise<void> {
  await temporal.workflow.signalWithStart(deliveryBatch.NAME, {
    workflowId: deliveryBatch.workflowId({ shard }),
    taskQueue: deliveryBatch.TASK_QUEUE,
    args: [{ v: 1, shard }],
    signal: deliveryBatch.wakeSignal,
    signalArgs: [],
    staticSummary: 'Delivers what is due to endpoints that are proven fast',
    staticDetails: 'The express lane: one workflow for many endpoints of all organizations. The rows in Postgres are the truth.',
  });
}

/** Sees to it that a replaced secret is retired when its overlap ends. Safe to repeat: one workflow id per secret. */
export async function startSecretRotation(temporal: Client, ref: EndpointRef & { secretId: string }): Promise<void> {
  const ids = { orgId: typeId('org', ref.orgId), endpointId: typeId('whk', ref.endpointId), secretId: typeId('sec', ref.secretId) };
  await temporal.workflow.start(webhookSecretRotation.NAME, {
    workflowId: webhookSecretRotation.workflowId(ids),
    taskQueue: webhookSecretRotation.TASK_QUEUE,
    args: [{ v: 1, ...ids }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    typedSearchAttributes: searchableBy(ids),
    staticSummary: `Retires a replaced signing secret of ${ids.endpointId}`,
    staticDetails: `Organization ${ids.orgId}. Sleeps until the overlap with the new secret ends, then erases the old one.`,
  });
}

/** Tells a replay's workflow to look at its row; starts it if there is none. Safe to repeat: one workflow id per replay. */
export async function wakeReplay(temporal: Client, ref: EndpointRef & { replayId: string }): Promise<void> {
  const ids = { orgId: typeId('org', ref.orgId), endpointId: typeId('whk', ref.endpointId), replayId: typeId('rpl', ref.replayId) };
  await temporal.workflow.signalWithStart(webhookReplay.NAME, {
    workflowId: webhookReplay.workflowId(ids),
    taskQueue: webhookReplay.TASK_QUEUE,
    args: [{ v: 1, ...ids }],
    signal: webhookReplay.changedSignal,
    signalArgs: [],
    typedSearchAttributes: searchableBy(ids),
    staticSummary: `Sends finished deliveries of ${ids.endpointId} again`,
    staticDetails: `Organization ${ids.orgId}. Runs until nothing that matches is left; the row of ${ids.replayId} in Postgres is the truth.`,
    priority: { fairnessKey: ids.orgId },
  });
}

const searchableBy = ({ orgId, endpointId }: { orgId: string; endpointId: string }): TypedSearchAttributes =>
  new TypedSearchAttributes([
    { key: ORG_ID, value: orgId },
    { key: SUBJECT, value: endpointId },
  ]);
