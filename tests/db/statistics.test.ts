import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { refreshStatistics } from '../../db/queries/refreshStatistics.ts';
import { useDatabase } from '../support/database.ts';
import { TestTenant } from '../support/tenant.ts';

describe('db: statistics of deliveries', function () {
  this.timeout(30_000);
  const database = useDatabase();

  it('are refreshed once when many rows changed, so that a claim reads the due rows and not all of the endpoint', async () => {
    const tenant = await TestTenant.create(database);
    await tenant.webhook({});
    expect(await refreshStatistics(database.system)).to.equal(false);
    for (let batch = 0; batch < 4; batch += 1) await tenant.publish(...Array.from({ length: 300 }, () => ({})));
    // A backend reports its counts when it has been idle, which may take ten seconds.
    for (const giveUpAt = Date.now() + 18_000; !(await refreshStatistics(database.system)); await sleep(100)) {
      expect(Date.now()).to.be.lessThan(giveUpAt);
    }
    expect(await refreshStatistics(database.system)).to.equal(false);
  });

  it('are not for the application role to refresh', async () => {
    const refused = await refreshStatistics(database.app).catch((error: Error & { code?: string }) => error.code);
    expect(refused).to.equal('42501');
  });
});
