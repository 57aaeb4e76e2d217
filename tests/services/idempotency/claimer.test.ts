import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { Presence } from '../../../db/presence.ts';
import { withTenant } from '../../../db/tenancy.ts';
import { createVault } from '../../../services/crypto/vault.ts';
import type { AppError } from '../../../services/errors/AppError.ts';
import { Claimer } from '../../../services/idempotency/claimer.ts';
import type { ClaimRequest } from '../../../services/idempotency/claimer.ts';
import { completeClaims } from '../../../services/idempotency/claims.ts';
import { useDatabase } from '../../support/database.ts';
import { TestTenant } from '../../support/tenant.ts';
import { TEST_SECRETS } from '../../support/testConfig.ts';

describe('idempotency: claims that arrive together', () => {
  const database = useDatabase();
  const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
  let tenant: TestTenant;
  let presence: Presence;
  let claimer: Claimer;
  before(async () => {
    tenant = await TestTenant.create(database);
    presence = new Presence(database.urls.app);
    claimer = new Claimer(database.app, presence);
  });
  after(() => presence.close());

  const request = (key: string = randomUUID()): ClaimRequest => ({
    orgId: tenant.orgId,
    credentialId: tenant.actor.id,
    route: 'events.publish',
    key,
    present: (_status, body) => JSON.stringify(body),
    fingerprint: Buffer.alloc(32, key),
  });
  const claim = (asked: ClaimRequest) => claimer.claim(asked, new Date());
  async function counted<T>(work: () => Promise<T>): Promise<{ statements: number; result: T }> {
    let statements = 0;
    const count = ({ sql }: { sql: string }): void => void (statements += Number(sql.includes('INSERT INTO idempotency_keys')));
    database.app.on('query', count);
    const result = await work();
    database.app.removeListener('query', count);
    return { statements, result };
  }

  it('share commits: 400 of them need three statements, and each is told its own claim', async () => {
    const asked = Array.from({ length: 400 }, () => request());
    const { statements, result: claims } = await counted(() => Promise.all(asked.map(claim)));
    expect(statements).to.be.within(1, 3);
    expect(claims.map((claimed) => claimed?.key)).to.deep.equal(asked.map(({ key }) => key));
  });

  it('of the same key one gets it, wherever the others stand', async () => {
    const key = randomUUID();
    const claims = await Promise.all([request(), request(key), request(), request(key), request(key)].map(claim));
    expect(claims.map((claimed) => claimed !== null)).to.deep.equal([true, true, true, false, false]);
  });

  it('one whose row is held by somebody who does not go on fails alone', async () => {
    const held = request();
    const first = await claim(held);
    await withTenant(database.app, tenant.orgId, async (trx) => {
      await completeClaims(trx, [{ claim: first!, status: 202, body: {} }], { vault });
      await claim(request());
      const [before, blocked, after] = await Promise.allSettled([request(), held, request()].map(claim));
      expect([before!.status, after!.status]).to.deep.equal(['fulfilled', 'fulfilled']);
      expect(((blocked as PromiseRejectedResult).reason as AppError).code).to.equal('idempotency_in_flight');
    });
  });

  it('in a large batch, too, and the others are claimed by halves, one after the other', async () => {
    const held = request();
    const first = await claim(held);
    await withTenant(database.app, tenant.orgId, async (trx) => {
      await completeClaims(trx, [{ claim: first!, status: 202, body: {} }], { vault });
      const asked = [request(), ...Array.from({ length: 199 }, () => request()), held, ...Array.from({ length: 200 }, () => request())];
      const { statements, result } = await counted(() => Promise.allSettled(asked.map(claim)));
      const refused = result.flatMap((one, i) => (one.status === 'rejected' ? [[i, (one.reason as AppError).code]] : []));
      expect(refused).to.deep.equal([[200, 'idempotency_in_flight']]);
      expect(statements).to.be.within(10, 24);
    });
  });

  it('many rows that are held keep their neighbours for seconds at most', async () => {
    const held = Array.from({ length: 300 }, () => request());
    const claims = await Promise.all(held.map(claim));
    await withTenant(database.app, tenant.orgId, async (trx) => {
      await completeClaims(
        trx,
        claims.map((one) => ({ claim: one!, status: 202, body: {} })),
        { vault },
      );
      const startedAt = Date.now();
      const refused = await Promise.allSettled(held.map(claim));
      expect(Date.now() - startedAt).to.be.below(8_000);
      const codes = new Set(refused.map((one) => (one.status === 'rejected' ? (one.reason as AppError).code : 'claimed')));
      expect([...codes].toSorted()).to.deep.equal(['idempotency_in_flight', 'service_unavailable']);
    });
  });

  it('two processes that claim the same keys in another order do not wait for each other: each key is claimed once', async () => {
    const away = new Presence(database.urls.app);
    const other = new Claimer(database.app, away);
    const asked = Array.from({ length: 200 }, () => request());
    const [mine, theirs] = await Promise.all([
      Promise.all(asked.map(claim)),
      Promise.all(asked.toReversed().map((one) => other.claim(one, new Date()))),
    ]);
    await away.close();
    const claimed = [...mine, ...theirs].flatMap((one) => (one === null ? [] : [one.key]));
    expect(claimed.toSorted()).to.deep.equal(asked.map(({ key }) => key).toSorted());
  });

  it('refuses more than may wait, instead of growing', async () => {
    const refused = Array.from({ length: 10_001 }, () => request()).map(claim);
    const codes = await Promise.all(
      refused.map((one) =>
        one.then(
          () => 'claimed',
          ({ code }: AppError) => code,
        ),
      ),
    );
    expect(codes.filter((code) => code === 'service_unavailable')).to.have.length(1);
  });
});
