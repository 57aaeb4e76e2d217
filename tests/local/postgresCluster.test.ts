import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryLock } from '../../server/local/fileLock.ts';
import { createCluster } from '../../server/local/postgresCluster.ts';

describe('the data folder', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'artisan-cluster-'));
    chmodSync(dir, 0o711);
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('holds nothing of a Postgres whose making was stopped', async () => {
    const stopping = new AbortController();
    const making = createCluster(join(dir, 'postgres'), 'superuser', stopping.signal).then(
      () => 'made',
      (error: Error) => error.message,
    );
    await sleep(100);
    stopping.abort();
    expect(await making).to.contain('aborted');
    expect(readdirSync(dir)).to.deep.equal([]);
  });

  it('that cannot be written is named', () => {
    expect(() => tryLock(join(dir, 'missing', 'lock'))).to.throw(/missing\/lock cannot be written/);
  });
});
