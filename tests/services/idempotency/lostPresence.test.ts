import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { isGone, Presence } from '../../../db/presence.ts';
import { withTenant } from '../../../db/tenancy.ts';
import { createVault } from '../../../services/crypto/vault.ts';
import { Claimer } from '../../../services/idempotency/claimer.ts';
import type { ClaimRequest } from '../../../services/idempotency/claimer.ts';
import { completeClaims } from '../../../services/idempotency/claims.ts';
import { useDatabase } from '../../support/database.ts';
import { startSilentProxy } from '../../support/silentProxy.ts';
import type { SilentProxy } from '../../support/silentProxy.ts';
import { TestTenant } from '../../support/tenant.ts';
import { TEST_SECRETS } from '../../support/testConfig.ts';
import { until } from '../../support/until.ts';

describe('idempotency: a process that lives and whose presence was lost without a word', () => {
  const database = useDatabase();
  const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
  const presences: Presence[] = [];
  let tenant: TestTenant;
  let proxy: SilentProxy;
  before(async () => {
    tenant = await TestTenant.create(database);
  });
  beforeEach(async () => {
    proxy = await startSilentProxy(database.urls.app);
  });
  afterEach(async () => {
    await Promise.all(presences.splice(0).map((presence) => presence.close()));
    await proxy.close();
  });

  function present(url: string, options?: { checkEveryMs: number }): Presence {
    const presence = new Presence(url, options);
    presences.push(presence);
    return presence;
  }
  const request = (): ClaimRequest => ({
    orgId: tenant.orgId,
    credentialId: tenant.actor.id,
    route: 'events.publish',
    key: randomUUID(),
    present: (_status, body) => JSON.stringify(body),
    fingerprint: Buffer.alloc(32, 'x'),
  });
  /** Until Postgres has noticed. */
  async function lose(holder: string): Promise<void> {
    proxy.loseFarSide();
    const gone = async (): Promise<boolean> => {
      const { rows } = await database.app.raw<{ rows: { gone: boolean }[] }>(`SELECT ${isGone('?::uuid')} AS gone`, [holder]);
      return rows[0]!.gone;
    };
    await until(gone, (is) => is, 5_000);
  }

  it('is present anew with its next claims: nobody takes those over, and it completes them', async () => {
    const presence = present(proxy.url);
    const [living, other] = [new Claimer(database.app, presence), new Claimer(database.app, present(database.urls.app))];
    const lost = await presence.id();
    await lose(lost);
    const asked = [request(), request(), request()];
    const claims = await Promise.all(asked.map((one) => living.claim(one, new Date())));
    expect(await Promise.all(asked.map((one) => other.claim(one, new Date())))).to.deep.equal([null, null, null]);
    const answers = claims.map((claim) => ({ claim: claim!, status: 202, body: {} }));
    await withTenant(database.app, tenant.orgId, (trx) => completeClaims(trx, answers, { vault }));
    expect(new Set(claims.map((claim) => claim?.holder))).to.deep.equal(new Set([await presence.id()]));
    expect(await presence.id()).not.to.equal(lost);
  });

  it('is told when it cannot be present at all, and has claimed nothing then', async () => {
    const nobody = { id: () => Promise.resolve(randomUUID()), leave: () => undefined, close: () => Promise.resolve() };
    const asked = request();
    const refused = await new Claimer(database.app, nobody).claim(asked, new Date()).catch((error: { code: string }) => error);
    expect(refused).to.have.property('code', 'service_unavailable');
    const { key } = asked;
    expect(await withTenant(database.app, tenant.orgId, (trx) => trx('idempotency_keys').where({ key }))).to.deep.equal([]);
  });

  it('finds out by itself within its next look, also when it claims nothing', async () => {
    const presence = present(proxy.url, { checkEveryMs: 100 });
    const lost = await presence.id();
    await lose(lost);
    await until(
      () => presence.id(),
      (id) => id !== lost,
      5_000,
    );
  });
});
