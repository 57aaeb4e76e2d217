import type pg from 'pg';
import type { Statement } from './flight.ts';

/** What of knex's client is used here. */
export interface Pool {
  emit(event: 'query', query: { sql: string; bindings: unknown[] }): void;
  acquireConnection(): Promise<pg.Client>;
  releaseConnection(connection: pg.Client): Promise<void>;
}

/** Whoever listens to knex's queries hears of these too. */
export function announce(pool: Pool, { text, values }: Statement): void {
  pool.emit('query', { sql: text, bindings: values });
}
