import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Client } from '@temporalio/client';

const DIRECTORY = join(import.meta.dirname, '../workflows/histories');

/**
 * Keeps an execution's history for the replay gate when RECORD_HISTORIES=1. Recording is a decision: histories of released
 * versions stay as they are, and a new version of a workflow gets a file of its own.
 */
export async function recordHistory(temporal: Client, workflowId: string, name: string): Promise<void> {
  if (process.env['RECORD_HISTORIES'] !== '1') return;
  mkdirSync(DIRECTORY, { recursive: true });
  const history = await temporal.workflow.getHandle(workflowId).fetchHistory();
  // The identity holds a process id and a host name; replay does not look at it.
  const anonymous = JSON.parse(historyToJSON(history), (key, value: unknown) => (key === 'identity' ? 'worker' : value)) as unknown;
  writeFileSync(join(DIRECTORY, `${name}.json`), `${JSON.stringify(anonymous, null, 1)}\n`);
}
