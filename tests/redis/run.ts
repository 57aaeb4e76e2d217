import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createLogger } from '../../server/logger.ts';
import { WINDOW_SECONDS } from '../../services/rateLimit/rateLimiter.ts';
import { createRedisRateLimiter } from '../../services/rateLimit/redisRateLimiter.ts';
import { RedisServer, redisVersion } from './redisServer.ts';

// `npm run test:redis`: RATE_LIMIT_STORE=redis against a real redis-server from the PATH, which the other tests do not need.
// `-- --out <file>` keeps the result.

/** A guarantee, and what was seen that breaks it; null: it holds. */
interface Outcome {
  guarantee: string;
  fault: string | null;
}

const logger = createLogger('silent', 'test');
const expected = (what: string, seen: unknown, wanted: unknown): string | null =>
  JSON.stringify(seen) === JSON.stringify(wanted) ? null : `${what}: ${JSON.stringify(seen)} instead of ${JSON.stringify(wanted)}`;

const redis = await RedisServer.start();
const [one, other] = [createRedisRateLimiter(redis.url, logger), createRedisRateLimiter(redis.url, logger)];
const outcomes: Outcome[] = [];
try {
  await sleep(300);
  await check('two processes count together, each request once', countsTogether);
  await check('subjects do not share a count, and the window ends an hour after its first request', windowIsAnchored);
  await check('without Redis each process goes on counting in memory, without delay, and fails no request', insured);
  await check('when Redis is back, requests are counted there again', comesBack);
} finally {
  await Promise.all([one.close(), other.close()]);
  await redis.kill();
}
report();

async function check(guarantee: string, find: () => Promise<string | null>): Promise<void> {
  outcomes.push({ guarantee, fault: await find().catch((error: unknown) => String(error)) });
}

async function countsTogether(): Promise<string | null> {
  const windows = await Promise.all(Array.from({ length: 500 }, (_, at) => (at % 2 === 0 ? one : other).count('key:shared')));
  const used = windows.map((window) => window.used).toSorted((a, b) => a - b);
  return expected(
    'counts',
    used,
    Array.from({ length: 500 }, (_, at) => at + 1),
  );
}

async function windowIsAnchored(): Promise<string | null> {
  const first = await one.count('key:window');
  await sleep(50);
  const second = await other.count('key:window');
  const whole = WINDOW_SECONDS * 1_000;
  if (second.resetMs >= first.resetMs || whole - first.resetMs > 1_000) return `window: ${first.resetMs} ms, then ${second.resetMs} ms`;
  return expected('counts', [first.used, second.used], [1, 2]);
}

async function insured(): Promise<string | null> {
  await redis.kill();
  const used: number[] = [];
  let slowestMs = 0;
  for (let i = 0; i < 20; i += 1) {
    const started = performance.now();
    used.push((await one.count('key:insured')).used);
    slowestMs = Math.max(slowestMs, performance.now() - started);
  }
  if (slowestMs > 400) return `the slowest count took ${Math.round(slowestMs)} ms`;
  return expected(
    'counts',
    used,
    Array.from({ length: 20 }, (_, at) => at + 1),
  );
}

async function comesBack(): Promise<string | null> {
  await redis.start();
  for (let tries = 0; tries < 100; tries += 1) {
    const subject = `key:back-${tries}`;
    await one.count(subject);
    if ((await other.count(subject)).used === 2) return null;
    await sleep(100);
  }
  return 'ten seconds later the two still count apart';
}

function report(): void {
  for (const { guarantee, fault } of outcomes)
    console.log(`  ${fault === null ? '✓' : '✗'} ${guarantee}${fault === null ? '' : `: ${fault}`}`);
  const failed = outcomes.filter(({ fault }) => fault !== null).length;
  console.log(`${outcomes.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  const summary = {
    suite: 'redis',
    at: new Date().toISOString(),
    versions: { node: process.versions.node, redis: redisVersion() },
    failed,
    outcomes,
  };
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(summary, null, 2)}\n`);
}
