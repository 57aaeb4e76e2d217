import type { Socket } from 'node:net';
import type { Knex } from 'knex';

/** Counts the writes to the socket of a pool's only connection (`max: 1`). */
export async function countWrites(knex: Knex, work: () => Promise<unknown>): Promise<number> {
  const pool = knex.client as { acquireConnection(): Promise<unknown>; releaseConnection(connection: unknown): Promise<void> };
  const connection = (await pool.acquireConnection()) as { connection: { stream: Socket } };
  const { stream } = connection.connection;
  await pool.releaseConnection(connection);
  let writes = 0;
  const counted =
    <Args extends unknown[]>(write: (...args: Args) => void) =>
    (...args: Args): void => {
      writes += 1;
      write.apply(stream, args);
    };
  Object.assign(stream, { _write: counted(stream._write.bind(stream)), _writev: counted(stream._writev!.bind(stream)) });
  await work();
  return writes;
}
