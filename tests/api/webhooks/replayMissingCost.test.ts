import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { withTenant } from '../../../db/tenancy.ts';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { newWebhook } from '../../support/webhooks.ts';

interface Preview {
  matching: number;
  exact: boolean;
}

const EVENTS = 4_000;
const SINCE = new Date(Date.now() - 3_600_000).toISOString();
/** About 20 KB, and much to parse. */
const DATA = { wanted: true, list: Array.from({ length: 3_600 }, (_none, n) => n + 1_000) };

describe('webhooks.replays.start with missing: what a count may cost', function () {
  this.timeout(60_000);
  const api = useApi();
  let organization: TestOrganization;
  let caller: Caller;
  let path: string;
  before(async () => {
    organization = await createOrganization(api.database);
    caller = api.as(organization.key);
    path = `/admin/webhooks/${(await newWebhook(caller, { events: ['*'], filter: { 'data.wanted': true } })).id}/replay`;
    const payload = JSON.stringify({ type: 'lead.created', data: DATA });
    for (let from = 0; from < EVENTS; from += 250) {
      await withTenant(api.database.app, organization.orgId, (trx) =>
        trx.raw(
          `INSERT INTO events (org_id, id, type, occurred_at, payload)
           SELECT ?, (lpad(to_hex(floor(extract(epoch FROM now()) * 1000)::bigint - 1000 + n), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid,
                  'lead.created', now(), ?
             FROM generate_series(?::int, ?::int) AS n`,
          [organization.orgId, payload, from % 1_000, (from % 1_000) + 249],
        ),
      );
    }
  });

  const ask = (body: object = {}) => caller.post<Preview>(path, { missing: true, since: SINCE, dry_run: true, ...body });

  it('200: ends after a second or 32 MiB of payloads, says so, and never holds up the process', async () => {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const { status, body } = await ask();
    delay.disable();
    expect([status, body.exact]).to.deep.equal([200, false]);
    expect(body.matching).to.be.within(1, EVENTS / 2);
    expect(delay.percentile(95) / 1e6).to.be.below(100);
  });

  it('429: an organization counts once at a time, and meanwhile others are served as if nothing happened', async () => {
    const other = api.as((await createOrganization(api.database)).key);
    const asked = Promise.all(Array.from({ length: 25 }, () => ask()));
    const seen: { status: number; ms: number }[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      const started = performance.now();
      const { status } = await other.get('/admin/webhooks');
      seen.push({ status, ms: performance.now() - started });
      await sleep(50);
    }
    const answers = await asked;
    expect(seen.map(({ status }) => status)).to.deep.equal(seen.map(() => 200));
    expect(Math.max(...seen.map(({ ms }) => ms))).to.be.below(1_000);
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length + refused.length).to.equal(25);
    expect(refused.length).to.be.within(1, 24);
    for (const { headers } of refused) expect(headers.get('retry-after')).to.equal('1');
    expect((await ask()).status).to.equal(200);
  });

  it('202: a replay starts although not everything could be counted', async () => {
    const { status, body } = await ask({ dry_run: false });
    expect(status).to.equal(202);
    expect(body.matching).to.be.within(1, EVENTS / 2);
  });
});
