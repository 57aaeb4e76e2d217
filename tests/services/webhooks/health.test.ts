import { expect } from 'chai';
import { FAILING_AFTER, observe } from '../../../services/webhooks/health.ts';
import type { EndpointHealth, Observation } from '../../../services/webhooks/health.ts';

const WHOLE: EndpointHealth = { status: 'active', consecutiveFailures: 0, failingSince: null, heldUntil: null };
const RETRIES = { maxRetries: 3, retryDelaySeconds: 60, retryScheduleSeconds: [] };
const START = Date.parse('2026-11-21T10:00:00Z');
const at = (seconds: number): Date => new Date(START + seconds * 1_000);
/** Without the time it started: `after` lets each start when it ends. */
type Answer = Omit<Observation, 'startedAt'>;
const failed = (statusCode: number | null = 500, retryAfterMs: number | null = null): Answer => ({
  ok: false,
  statusCode,
  retryAfterMs,
});
const observeAt = (health: EndpointHealth, answer: Answer, startedAt: Date, now = startedAt): EndpointHealth =>
  observe(health, { ...answer, startedAt }, RETRIES, now);
const after = (answers: Answer[], from = WHOLE): EndpointHealth =>
  answers.reduce((health, answer, index) => observeAt(health, answer, at(index)), from);
const heldSeconds = (health: EndpointHealth, now: Date): number => ((health.heldUntil?.getTime() ?? now.getTime()) - now.getTime()) / 1_000;

describe('endpoint health', () => {
  it('four failures in a row change nothing but the count', () => {
    expect(after(Array.from({ length: FAILING_AFTER - 1 }, () => failed()))).to.deep.equal({
      ...WHOLE,
      consecutiveFailures: 4,
      failingSince: at(0),
    });
  });

  it('the fifth makes it failing, and the next probe waits for the retry schedule: 60, 120, 240, 240 … s', () => {
    let health = after(Array.from({ length: FAILING_AFTER }, () => failed()));
    expect(health.status).to.equal('failing');
    expect(heldSeconds(health, at(4))).to.equal(60);
    for (const [now, seconds] of [
      [100, 120],
      [300, 240],
      [600, 240],
    ] as const) {
      health = observeAt(health, failed(), at(now));
      expect(heldSeconds(health, at(now))).to.equal(seconds);
    }
  });

  it('one success makes it whole', () => {
    expect(after([...Array.from({ length: 9 }, () => failed()), { ok: true, statusCode: 200, retryAfterMs: null }])).to.deep.equal(WHOLE);
  });

  for (const statusCode of [429, 502, 503, 504]) {
    it(`${statusCode} holds the whole endpoint back, longer each time`, () => {
      expect(heldSeconds(after([failed(statusCode)]), at(0))).to.equal(1);
      expect(heldSeconds(after([failed(statusCode), failed(statusCode)]), at(1))).to.equal(2);
    });
  }

  it('a burst that was under way together opens it with the first delay of the schedule, however many fail', () => {
    const burst = (statusCode: number): EndpointHealth =>
      Array.from({ length: 12 }).reduce<EndpointHealth>((health) => observeAt(health, failed(statusCode), at(0), at(1)), WHOLE);
    expect(burst(500)).to.include({ status: 'failing', consecutiveFailures: FAILING_AFTER });
    expect(heldSeconds(burst(500), at(1))).to.equal(60);
    expect(heldSeconds(burst(503), at(1))).to.equal(60);
    expect(heldSeconds(observeAt(burst(500), failed(), at(70)), at(70)), 'the first probe').to.equal(120);
  });

  it('a Retry-After of what was under way is obeyed too', () => {
    const open = after(Array.from({ length: FAILING_AFTER }, () => failed()));
    expect(heldSeconds(observeAt(open, failed(503, 600_000), at(0), at(5)), at(5))).to.equal(600);
  });

  it('a Retry-After is obeyed with any failing status, up to an hour, and never shortened by a later answer', () => {
    expect(heldSeconds(after([failed(500, 90_000)]), at(0))).to.equal(90);
    expect(heldSeconds(after([failed(503, 0)]), at(0))).to.equal(0);
    expect(heldSeconds(after([failed(500, 90_000), failed(500, 5_000)]), at(0))).to.equal(90);
  });

  it('410 Gone disables at once', () => {
    expect(after([failed(410)]).status).to.equal('disabled');
  });

  it('five days of failure disable', () => {
    const health = after([failed()]);
    expect(observeAt(health, failed(), at(5 * 86_400 - 1)).status).to.equal('active');
    expect(observeAt(health, failed(), at(5 * 86_400)).status).to.equal('disabled');
  });
});
