import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { once } from 'node:events';
import { expect } from 'chai';
import { Counter, Registry } from 'prom-client';
import { createKnex } from '../../../db/knex.ts';
import { recordKeyUsage } from '../../../db/queries/recordKeyUsage.ts';
import { createLogger } from '../../../server/logger.ts';
import { UsageCounter } from '../../../services/apiKeys/usage/counter.ts';
import { useDatabase } from '../../support/database.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';

/** Whether the commit reaches Postgres before the connection breaks: its answer never reaches the client. */
type Fate = 'committed' | 'lost' | null;

describe('usage of API keys: a connection that breaks in the moment of the commit', () => {
  const database = useDatabase();
  const sockets = new Set<Socket>();
  let server: Server;
  let fate: Fate = null;

  /** In front of Postgres: breaks the connection at the next commit. */
  function between(client: Socket): void {
    const { hostname, port } = new URL(database.urls.app);
    const upstream = connect(Number(port), hostname);
    let breaks = false;
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
    const end = (): void => void (client.destroy(), upstream.destroy());
    client.on('close', end).on('data', (sent) => {
      if (fate === null || !sent.includes('COMMIT')) return void upstream.write(sent);
      breaks = true;
      if (fate === 'committed') upstream.write(sent);
      else end();
      fate = null;
    });
    upstream.on('close', end).on('data', (answer) => void (breaks ? end() : client.write(answer)));
  }

  before(async () => {
    server = createServer(between).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  /** Three writes of one count each, of which the second breaks off: what is on record after each. */
  async function countThrough(next: Fate): Promise<number[]> {
    const own = await createOrganization(database);
    const { id } = await createApiKey(database, own);
    const url = new URL(database.urls.app);
    url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const knex = createKnex(url.href, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });
    const counter = new UsageCounter({
      write: (counts, times) => recordKeyUsage(knex, counts, times),
      everySeconds: 3_600,
      logger: createLogger('silent', 'test'),
      dropped: new Counter({ name: 'dropped', help: 'dropped', registers: [new Registry()] }),
    });
    const at = new Date('2026-11-02T09:30:00Z');
    const count = () =>
      counter.count({ orgId: own.orgId, keyId: id, operation: 'events.list', status: 200, at, accepted: true, ip: '192.0.2.1' });
    const recorded: number[] = [];
    const flush = async () => {
      await counter.flush();
      const [requests = 0] = await database.system('api_key_usage').where({ key_id: id }).pluck<number[]>('requests');
      recorded.push(requests);
    };
    try {
      count();
      await flush();
      fate = next;
      count();
      await flush();
      count();
      await flush();
    } finally {
      await knex.destroy();
    }
    return recorded;
  }

  it('committed, though nobody said so: it is not counted again', async () => {
    expect(await countThrough('committed')).to.deep.equal([1, 2, 3]);
  });

  it('not committed: it is counted with the next write', async () => {
    expect(await countThrough('lost')).to.deep.equal([1, 1, 3]);
  });
});
