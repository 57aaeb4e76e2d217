import { expect } from 'chai';
import { createWorkerMetrics } from '../../activities/metrics.ts';
import { newId } from '../../server/ids.ts';
import type { IdentityBacklog } from '../../services/health/identityBacklog.ts';
import type { Backlog } from '../../services/webhooks/backlog.ts';
import type { AttemptResult } from '../../services/webhooks/record.ts';

const NAME = 'artisan_deliveries_unfinished';
const BACKLOG: Backlog = {
  unfinished: 0,
  held: 0,
  oldestDueSeconds: 0,
  failingEndpoints: 0,
  disabledEndpoints: 0,
  deadLetters: 0,
  statsAgeSeconds: 0,
};

describe('metrics of the worker', () => {
  it('have a backlog in the worker that measures it, and none in the others', async () => {
    let now = 0;
    const metrics = createWorkerMetrics(() => now);
    const value = async (): Promise<string | undefined> =>
      new RegExp(`^${NAME} (.+)$`, 'm').exec(await metrics.registry.getSingleMetricAsString(NAME))?.[1];
    expect(await value()).to.equal(undefined);
    metrics.observeBacklog({ ...BACKLOG, unfinished: 42 });
    expect(await value()).to.equal('42');
    now += 44_000;
    expect(await value()).to.equal('42');
    now += 2_000;
    expect(await value()).to.equal(undefined);
    metrics.observeBacklog(BACKLOG);
    expect(await value()).to.equal('0');
  });

  it('show each figure of identity and keys under its own name', async () => {
    const metrics = createWorkerMetrics();
    const figures: [name: string, field: keyof IdentityBacklog][] = [
      ['artisan_mails_oldest_waiting_seconds', 'oldestMailSeconds'],
      ['artisan_mails_waiting', 'mailsWaiting'],
      ['artisan_key_rotations_overdue_seconds', 'keyRotationOverdueSeconds'],
      ['artisan_encryption_rotation_idle_seconds', 'encryptionRotationIdleSeconds'],
      ['artisan_organization_deletions_overdue_seconds', 'deletionOverdueSeconds'],
      ['artisan_domain_checks_overdue_seconds', 'domainCheckOverdueSeconds'],
      ['artisan_signing_key_age_seconds', 'signingKeyAgeSeconds'],
      ['artisan_accounts_locked', 'accountsLocked'],
      ['artisan_networks_locked', 'networksLocked'],
    ];
    metrics.observeIdentity(Object.fromEntries(figures.map(([, field], at) => [field, at + 1])) as unknown as IdentityBacklog);
    const text = await metrics.registry.metrics();
    for (const [at, [name]] of figures.entries()) expect(text).to.match(new RegExp(`^${name} ${at + 1}$`, 'm'));
    // Prometheus sees no increase in a series that begins with it.
    for (const series of [
      'mails_total{outcome="given_up"}',
      'keys_swept_total{outcome="failed"}',
      'domain_checks_total{outcome="unreachable"}',
    ])
      expect(text).to.contain(`artisan_${series} 0\n`);
  });

  it('measure what was delivered from accepting the event to the answer, first attempts apart, and no replay', async () => {
    const metrics = createWorkerMetrics();
    const acceptedAt = new Date('2026-11-02T09:30:00.000Z');
    const result = (fields: Partial<AttemptResult>): AttemptResult => ({
      deliveryId: newId(),
      eventId: newId({ now: () => acceptedAt }),
      eventType: 'lead.created',
      number: 1,
      startedAt: new Date(acceptedAt.getTime() + 2_000),
      durationMs: 250,
      statusCode: 200,
      errorCode: null,
      responseExcerpt: null,
      retryAfterMs: null,
      replay: false,
      failures: 0,
      verdict: { status: 'delivered' },
      ...fields,
    });
    metrics.observeAttempt(result({}));
    metrics.observeAttempt(result({ startedAt: new Date(acceptedAt.getTime() - 5_000) }));
    metrics.observeAttempt(result({ number: 3, startedAt: new Date(acceptedAt.getTime() + 100_000) }));
    metrics.observeAttempt(result({ replay: true }));
    metrics.observeAttempt(result({ verdict: { status: 'dead' } }));
    const text = await metrics.registry.getSingleMetricAsString('artisan_webhook_delivery_latency_seconds');
    const of = (name: string) => new RegExp(`_${name}\\{attempt="(\\w+)"\\} (\\S+)`, 'g');
    const values = (name: string) => Object.fromEntries([...text.matchAll(of(name))].map(([, attempt, value]) => [attempt, Number(value)]));
    expect(values('count')).to.deep.equal({ first: 2, later: 1 });
    expect(values('sum')).to.deep.equal({ first: 2.25, later: 100.25 });
  });
});
