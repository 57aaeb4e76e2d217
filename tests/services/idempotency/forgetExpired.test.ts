import { expect } from 'chai';
import { newId } from '../../../server/ids.ts';
import { forgetExpired } from '../../../services/idempotency/forgetExpired.ts';
import { useDatabase } from '../../support/database.ts';

describe('idempotency: answers that are kept no longer', () => {
  const database = useDatabase();
  const row = (key: string, expiresAt: Date) => ({
    org_id: newId(),
    credential_id: newId(),
    route: 'r',
    key,
    fingerprint: Buffer.alloc(32),
    state: 'done',
    created_at: new Date(0),
    expires_at: expiresAt,
  });

  it('are deleted for every organization, the oldest first and never more than asked for; the others stay', async () => {
    const now = new Date();
    const old = [3, 2, 1].map((hours) => row(`old ${hours}`, new Date(now.getTime() - hours * 3_600_000)));
    await asOwner(database, [...old, row('fresh', new Date(now.getTime() + 1_000))]);
    expect(await database.system.transaction((trx) => forgetExpired(trx, { now, limit: 2 }))).to.equal(2);
    const left = (): Promise<string[]> => database.system('idempotency_keys').orderBy('expires_at').pluck('key');
    expect(await left()).to.deep.equal(['old 1', 'fresh']);
    expect(await database.system.transaction((trx) => forgetExpired(trx, { now, limit: 2 }))).to.equal(1);
    expect(await left()).to.deep.equal(['fresh']);
  });
});

async function asOwner(database: ReturnType<typeof useDatabase>, rows: object[]): Promise<void> {
  const { createKnex } = await import('../../../db/knex.ts');
  const superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test-owner', statementTimeoutMs: 5_000 });
  try {
    await superuser('idempotency_keys').insert(rows);
  } finally {
    await superuser.destroy();
  }
}
