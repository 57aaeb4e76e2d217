import pg from 'pg';
import { waitUntil } from './waitUntil.ts';

/** Waits until Postgres answers a query. Throws after `timeoutMs`, or at once when `giveUp` names a reason. */
export async function postgresReady(url: string, options: { timeoutMs: number; giveUp?: () => string | null }): Promise<void> {
  await waitUntil('Postgres', () => answers(url), { everyMs: 30, ...options });
}

async function answers(url: string): Promise<true> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}
