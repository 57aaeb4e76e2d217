import { expect } from 'chai';
import { pino } from 'pino';
import { listen } from '../../db/listen.ts';
import type { Channel } from '../../db/listen.ts';
import { waitUntil } from '../../server/local/waitUntil.ts';
import { closeDeps, createDeps } from '../../server/deps.ts';
import { useDatabase } from '../support/database.ts';
import { testConfig } from '../support/testConfig.ts';
import { relayTo } from './support/relay.ts';
import type { TcpRelay } from './support/relay.ts';

const SECONDS = { timeoutMs: 10_000 };

describe('listening to Postgres', () => {
  const database = useDatabase();
  let relay: TcpRelay;
  beforeEach(async () => void (relay = await relayTo(database.urls.app)));
  afterEach(() => relay.close());

  /** Two channels through the relay, with what they heard and what was logged. */
  const start = () => {
    const [heard, logged]: [string[], string[]] = [[], []];
    const channel = (name: string): Channel => ({
      name,
      onMessage: (payload) => heard.push(`${name} ${payload}`),
      onReconnect: () => heard.push(`${name} missed something`),
    });
    const write = (line: string) => {
      const { level, msg } = JSON.parse(line) as { level: number; msg: string };
      logged.push(`${pino.levels.labels[level]} ${msg}`);
    };
    const listener = listen({ url: relay.url, channels: [channel('one'), channel('two')], logger: pino({ level: 'info' }, { write }) });
    return { listener, heard, logged };
  };
  const connected = ({ listener }: ReturnType<typeof start>, is = true) =>
    waitUntil(is ? 'the connection' : 'its loss', () => (listener.connected === is ? true : null), SECONDS);
  const notify = (channel: string, payload: string) => database.app.raw('SELECT pg_notify(?, ?)', [channel, payload]);

  it('an outage is logged once, however often it tries, and once that it is over; every channel learns that it missed something', async () => {
    const started = start();
    const { listener, heard, logged } = started;
    try {
      await connected(started);
      expect(logged).to.deep.equal([]);
      await relay.close();
      await connected(started, false);
      // Tries after 250 ms and 500 ms more.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await relay.reopen();
      await connected(started);
      await notify('two', 'now');
      await waitUntil('the message', () => (heard.includes('two now') ? true : null), SECONDS);
      expect(heard).to.deep.equal(['one missed something', 'two missed something', 'two now']);
      expect(logged).to.deep.equal([
        'warn Postgres tells of no changes, its connection is lost; trying again until it is back',
        'info Postgres tells of changes again',
      ]);
    } finally {
      await listener.close();
    }
  });

  it('a Postgres that is away when the process starts is logged once, too, and the end of it', async () => {
    await relay.close();
    const started = start();
    try {
      await new Promise((resolve) => setTimeout(resolve, 600));
      expect(started.logged.map((line) => line.split(' ')[0])).to.deep.equal(['warn']);
      await relay.reopen();
      await connected(started);
      expect(started.logged.map((line) => line.split(' ')[0])).to.deep.equal(['warn', 'info']);
      expect(started.heard).to.deep.equal([]);
    } finally {
      await started.listener.close();
    }
  });

  it('an API process listens over one connection', async () => {
    const deps = createDeps(testConfig(database));
    try {
      const listening = async () =>
        (
          await database.app.raw<{ rows: object[] }>(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'",
          )
        ).rows.length;
      await waitUntil('the listener', () => (deps.changes.connected ? true : null), SECONDS);
      expect(await listening()).to.equal(1);
    } finally {
      await closeDeps(deps);
    }
  });
});
