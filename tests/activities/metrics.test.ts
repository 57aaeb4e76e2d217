import { expect } from 'chai';
import { createWorkerMetrics } from '../../activities/metrics.ts';
import { newId } from '../../server/ids.ts';
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
