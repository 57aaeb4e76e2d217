import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { Presence } from '../../../db/presence.ts';
import { withTenant } from '../../../db/tenancy.ts';
import { createVault } from '../../../services/crypto/vault.ts';
import type { AppError } from '../../../services/errors/AppError.ts';
import { claimRequest } from '../../../services/idempotency/claimRequest.ts';
import { Claimer } from '../../../services/idempotency/claimer.ts';
import type { ClaimRequest } from '../../../services/idempotency/claimer.ts';
import { completeClaims } from '../../../services/idempotency/claims.ts';
import type { IdempotencyClaim } from '../../../services/idempotency/claims.ts';
import { releaseClaim } from '../../../services/idempotency/settleClaim.ts';
import { useDatabase } from '../../support/database.ts';
import { TestTenant } from '../../support/tenant.ts';
import { TEST_SECRETS } from '../../support/testConfig.ts';

describe('idempotency: the claim of a holder that is gone', () => {
  const database = useDatabase();
  const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
  // It stands still: two claims have the same `locked_until`, and only the holder tells them apart.
  const clock = { now: () => new Date(1_800_000_000_000) };
  const never = new AbortController().signal;
  const present: Presence[] = [];
  let tenant: TestTenant;
  before(async () => {
    tenant = await TestTenant.create(database);
  });
  afterEach(async () => {
    await Promise.all(present.splice(0).map((presence) => presence.close()));
  });

  function process() {
    const presence = new Presence(database.urls.app);
    present.push(presence);
    return { knex: database.app, vault, clock, presence, claimer: new Claimer(database.app, presence) };
  }
  const request = (key: string = randomUUID()): ClaimRequest => ({
    orgId: tenant.orgId,
    credentialId: tenant.actor.id,
    route: 'events.publish',
    key,
    present: (_status, body) => JSON.stringify(body),
    fingerprint: Buffer.alloc(32, key),
  });
  const complete = (claim: IdempotencyClaim, body: string): Promise<void> =>
    withTenant(database.app, tenant.orgId, (trx) => completeClaims(trx, [{ claim, status: 202, body }], { vault }));
  async function claimed(deps: ReturnType<typeof process>, asked: ClaimRequest): Promise<IdempotencyClaim> {
    const outcome = await claimRequest(deps, asked);
    if (!('claim' in outcome)) throw new Error('It was answered before');
    return outcome.claim;
  }
  const codeOf = (refused: Promise<unknown>): Promise<string> =>
    refused.then(
      () => 'not refused',
      ({ code }: AppError) => code,
    );

  it('nobody takes it over while its holder is there, and anybody when it is gone; the late one can neither complete it nor give it back', async () => {
    const [first, second] = [process(), process()];
    const asked = request();
    const late = await claimed(first, asked);
    expect(await codeOf(claimRequest(second, asked))).to.equal('idempotency_in_flight');
    await first.presence.close();
    const taken = await claimed(second, asked);
    expect(taken.lockedUntil).to.deep.equal(late.lockedUntil);
    expect(await codeOf(complete(late, 'late'))).to.equal('idempotency_in_flight');
    await releaseClaim(first, late, never);
    await complete(taken, 'taken');
    expect(await claimRequest(process(), asked)).to.deep.equal({ replay: { status: 202, text: '"taken"' } });
  });

  it('what was answered is never taken over: the holder may be gone', async () => {
    const first = process();
    const asked = request();
    await complete(await claimed(first, asked), 'first');
    await first.presence.close();
    expect(await claimRequest(process(), asked)).to.deep.equal({ replay: { status: 202, text: '"first"' } });
  });

  it('another request under the key of a dead one is a new request: nothing was done for the old one', async () => {
    const first = process();
    const asked = request();
    await claimed(first, asked);
    await first.presence.close();
    expect((await claimed(process(), { ...asked, fingerprint: Buffer.alloc(32, 'other') })).key).to.equal(asked.key);
  });

  it('a process whose session broke claims under another id, and what it claimed before is free', async () => {
    const [broken, other] = [process(), process()];
    const asked = request();
    const before = await claimed(broken, asked);
    await database.app.raw(
      "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'artisan presence'",
    );
    expect((await claimed(other, asked)).key).to.equal(asked.key);
    const after = await claimed(broken, request());
    expect(after.holder).not.to.equal(before.holder);
  });

  it('who is just completing it is not waited for long: it may have been stopped there', async () => {
    const [first, second] = [process(), process()];
    const asked = request();
    const claim = await claimed(first, asked);
    await withTenant(database.app, tenant.orgId, async (trx) => {
      await completeClaims(trx, [{ claim, status: 202, body: 'slow' }], { vault });
      const startedAt = Date.now();
      expect(await codeOf(claimRequest(second, asked))).to.equal('idempotency_in_flight');
      expect(Date.now() - startedAt).to.be.within(400, 5_000);
    });
    expect(await claimRequest(second, asked)).to.deep.equal({ replay: { status: 202, text: '"slow"' } });
  });
});
