import type pg from 'pg';

interface Stream {
  cork(): void;
  uncork(): void;
  destroy(error: Error): void;
}

type Query = (...args: unknown[]) => unknown;

/**
 * What is sent in one turn of the event loop leaves in one write: BEGIN with the first statement, the statements of a pipeline with COMMIT.
 * A write to a socket costs more than a small statement. Nothing waits for more than the promises that can go on at once.
 */
export function writeTogether(connection: pg.Client): void {
  const stream = streamOf(connection);
  let corked = false;
  const write = (): void => {
    corked = false;
    stream.uncork();
  };
  wrapQuery(connection, (send) => (...args) => {
    if (!corked) {
      corked = true;
      stream.cork();
      process.nextTick(write);
    }
    return send(...args);
  });
}

interface Silence {
  /** The longest that the server lets one statement take, milliseconds. */
  statementTimeoutMs: number;
  /** How much later its answer may come. */
  marginMs: number;
}

/**
 * Destroys a connection whose server has said nothing for as long as what it was asked may take (frozen host, lost network): TCP alone would
 * take a quarter of an hour. pg's own query_timeout would hand the connection back with its transaction open. A question of several statements
 * that is answered once says so by `statements`: each of them may take its time.
 */
export function destroyWhenSilent(connection: pg.Client, { statementTimeoutMs, marginMs }: Silence): void {
  let unanswered = 0;
  let most = 1;
  let silentSince = 0;
  let timer: NodeJS.Timeout | null = null;
  const limitMs = (): number => most * statementTimeoutMs + marginMs;
  // One timer for a connection, not one for each statement: thousands of statements a second start and end in its time.
  const watch = (ms: number): void => void (timer = setTimeout(look, ms).unref());
  const look = (): void => {
    const left = silentSince + limitMs() - performance.now();
    timer = null;
    if (unanswered === 0) return;
    if (left > 0) watch(left);
    else streamOf(connection).destroy(silence(limitMs()));
  };
  const asked = (statements: number): void => {
    if (unanswered === 0) silentSince = performance.now();
    most = unanswered === 0 ? statements : Math.max(most, statements);
    unanswered += 1;
    if (timer === null) watch(limitMs());
  };
  const answered = (): void => {
    unanswered -= 1;
    silentSince = performance.now();
  };
  wrapQuery(connection, (send) => (...args) => {
    asked((args[0] as { statements?: number }).statements ?? 1);
    const callback = args.at(-1);
    if (typeof callback !== 'function') return watchPromise(send(...args), answered);
    return send(...args.slice(0, -1), (...answer: unknown[]) => {
      answered();
      callback(...answer);
    });
  });
}

function watchPromise(answer: unknown, answered: () => void): unknown {
  if (answer instanceof Promise) return answer.finally(answered);
  answered();
  return answer;
}

function wrapQuery(connection: pg.Client, wrap: (send: Query) => Query): void {
  Object.assign(connection, { query: wrap(connection.query.bind(connection) as Query) });
}

function streamOf(connection: pg.Client): Stream {
  return (connection as unknown as { connection: { stream: Stream } }).connection.stream;
}

function silence(limitMs: number): Error {
  return Object.assign(new Error(`Postgres did not answer within ${limitMs} ms`), { code: 'ETIMEDOUT' });
}

/** knex replaces a connection that carries this mark instead of handing it out again. */
export function dispose(connection: pg.Client, error: Error): void {
  Object.assign(connection, { __knex__disposed: error });
}

const SESSION_ENDS = /^57P0|^25P03$/;

/**
 * The server says that it ends the session, and the socket closes a moment later: nobody may be handed the connection meanwhile. By code as well:
 * what the driver has of the severity is in the server's language.
 */
export function disposeIfEnded(connection: pg.Client, error: Error & { severity?: string; code?: string }): void {
  if (['FATAL', 'PANIC'].includes(error.severity ?? '') || SESSION_ENDS.test(error.code ?? '')) dispose(connection, error);
}
