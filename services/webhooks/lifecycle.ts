import { SearchAttributeType, TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { typeId } from '../../server/ids.ts';
import * as endpointDelivery from '../../workflows/endpointDelivery/contract.ts';

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
    typedSearchAttributes: new TypedSearchAttributes([
      { key: ORG_ID, value: ids.orgId },
      { key: SUBJECT, value: ids.endpointId },
    ]),
    staticSummary: `Delivers what is due to ${ids.endpointId}`,
    staticDetails: `Organization ${ids.orgId}. Runs while deliveries are due or scheduled; the rows in Postgres are the truth.`,
    priority: { fairnessKey: ids.orgId },
  });
}
