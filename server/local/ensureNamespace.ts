import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { waitUntil } from './waitUntil.ts';

const ALREADY_EXISTS = 6;
const RETENTION = msToTs('3 days');
const KEYWORD = 2;
const SEARCH_ATTRIBUTES = ['OrgId', 'Subject'];

/**
 * Registers the namespace (retention three days: our rows are the record, histories are for diagnosis) and the search attributes
 * where they are missing. Safe to repeat and to run concurrently. Waits until the server shows them; throws after `timeoutMs`.
 */
export async function ensureNamespace(
  address: string,
  namespace: string,
  { timeoutMs = 30_000, giveUp }: { timeoutMs?: number; giveUp?: () => string | null } = {},
): Promise<void> {
  const limits = { timeoutMs, ...(giveUp ? { giveUp } : {}) };
  const connect = () => Connection.connect({ address, connectTimeout: 1_000 });
  const connection = await waitUntil(`Temporal at ${address}`, connect, limits);
  try {
    await waitUntil(`Temporal namespace ${namespace}`, () => namespaceReady(connection, namespace), limits);
    await waitUntil('Temporal search attributes', () => attributesReady(connection, namespace), limits);
  } finally {
    await connection.close();
  }
}

async function namespaceReady(connection: Connection, namespace: string): Promise<true | null> {
  const registered = await connection.workflowService.describeNamespace({ namespace }).catch(() => null);
  if (registered !== null) return true;
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: RETENTION }).catch(ignoreExisting);
  return null;
}

async function attributesReady(connection: Connection, namespace: string): Promise<true | null> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTES.filter((name) => customAttributes?.[name] === undefined);
  if (missing.length === 0) return true;
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD] as const));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes }).catch(ignoreExisting);
  return null;
}

function ignoreExisting(error: unknown): void {
  if ((error as { code?: number }).code !== ALREADY_EXISTS) throw error;
}
