import { SearchAttributeType, TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { typeId } from '../../server/ids.ts';
import * as mailDelivery from '../../workflows/mailDelivery/contract.ts';
import type { PromisedMail } from './enqueueMail.ts';

const ORG_ID = defineSearchAttributeKey('OrgId', SearchAttributeType.KEYWORD);
const SUBJECT = defineSearchAttributeKey('Subject', SearchAttributeType.KEYWORD);

/** Sees to it that a mail is sent. Safe to repeat: one workflow id per mail. */
export async function startMailDelivery(temporal: Client, { mailId, orgId }: PromisedMail): Promise<void> {
  const id = typeId('eml', mailId);
  await temporal.workflow.start(mailDelivery.NAME, {
    workflowId: mailDelivery.workflowId({ mailId: id }),
    taskQueue: mailDelivery.TASK_QUEUE,
    args: [{ v: 1, mailId: id }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    typedSearchAttributes: new TypedSearchAttributes([
      { key: SUBJECT, value: id },
      ...(orgId === null ? [] : [{ key: ORG_ID, value: typeId('org', orgId) }]),
    ]),
    staticSummary: `Sends ${id}`,
    staticDetails: 'Tries for a day at most; recipient and content are in Postgres, sealed, until it is sent.',
  });
}
