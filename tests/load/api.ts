import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { createInstallation } from '../support/installation.ts';
import { apiFigures } from './apiFigures.ts';
import type { ApiRun } from './apiFigures.ts';
import { prepareMix } from './apiMix.ts';
import { cpuSeconds, machineTicks, ownCpuSeconds, stolenPercent } from './cpuTime.ts';
import { costOfEach } from './apiEach.ts';
import type { KindCost } from './apiEach.ts';
import { climb } from './apiLadder.ts';
import type { Step } from './apiLadder.ts';
import { bareAnswersPerSecond } from './bareAnswers.ts';
import { median, rounded } from './figures.ts';
import { machine } from './machine.ts';
import { offer } from './offer.ts';
import { textTable } from './textTable.ts';

// `npm run bench:api -- --help`: mixed reads and writes at a fixed rate against the API and Postgres, all on this one machine.

const HELP = `npm run bench:api -- [options]
  --per-second 1000   requests offered a second, whatever the answers take
  --seconds 30        length of a run
  --apis 1            API processes; connections are shared out evenly to them
  --runs 3            runs; the median of each figure counts
  --ladder            before them: 100 a second more with each step of 10 s, until p95 misses the goal
  --each              behind them: what a request of each kind costs when nothing else is asked
  --out file          where the result goes; default .data/bench/<date>-api.json`;
const WARM_UP_SECONDS = 10;
/** Not more than is answered at once: a backlog would still be there when the first run begins. */
const WARM_UP_PER_SECOND = 300;
const BARE_SECONDS = 5;
/** As in production, as far as receivers on loopback allow. */
const SETTINGS = { NODE_ENV: 'development', LOG_LEVEL: 'warn', UV_THREADPOOL_SIZE: '16' };
const GOALS = { p95_ms: 200, authentication_p50_ms: 1 };

const text = (value: string) => ({ type: 'string', default: value }) as const;
const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    ladder: { type: 'boolean' },
    each: { type: 'boolean' },
    'per-second': text('1000'),
    seconds: text('30'),
    apis: text('1'),
    runs: text('3'),
    out: { type: 'string' },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const rate = { perSecond: Number(values['per-second']), seconds: Number(values.seconds) };
const where = machine();
const bare = await bareAnswersPerSecond(BARE_SECONDS);
console.log(`bare node:http answers ${bare}/s`);
const installation = await createInstallation({ env: SETTINGS, apiCount: Number(values.apis), apiScript: 'tests/load/apiProcess.ts' });
try {
  await Promise.all(installation.apis.map((api) => api.start()));
  const mix = await prepareMix(installation);
  const urls = installation.apis.map(({ url }) => url);
  // Everything has run, and V8 has compiled it, before anything counts.
  await offer(urls, mix, { ...rate, perSecond: Math.min(rate.perSecond, WARM_UP_PER_SECOND), seconds: WARM_UP_SECONDS });
  const ladder = values.ladder ? await climb(urls, mix, { from: 200, by: 100, seconds: 10, p95Ms: GOALS.p95_ms }) : [];
  const runs: (ApiRun & { cpu_us_per_request: Record<string, number>; stolen_percent: number })[] = [];
  for (let n = 0; n < Number(values.runs); n += 1) {
    const [before, ticks] = [cpu(), machineTicks()];
    const offered = await offer(urls, mix, rate);
    runs.push({ ...apiFigures(offered), cpu_us_per_request: perRequest(before), stolen_percent: stolenPercent(ticks) });
    console.log(`run ${n + 1}: ${JSON.stringify(runs.at(-1)!.all)}, ${runs.at(-1)!.stolen_percent} % of the machine stolen by its host`);
  }
  report(runs, ladder, values.each ? await costOfEach(urls, mix, cpu) : null);
} finally {
  await installation.dispose();
}

function cpu(): Record<string, number> {
  const { apis, postgres } = installation;
  return {
    api: apis.reduce((sum, { pid }) => sum + cpuSeconds(pid!), 0),
    postgres: cpuSeconds(postgres.pid() ?? 0),
    generator: ownCpuSeconds(),
  };
}

function perRequest(before: Record<string, number>): Record<string, number> {
  const requests = rate.perSecond * rate.seconds;
  return Object.fromEntries(
    Object.entries(cpu()).map(([name, seconds]) => [name, Math.round(((seconds - before[name]!) * 1e6) / requests)]),
  );
}

function report(runs: ApiRun[], ladder: Step[], each: Record<string, KindCost> | null): void {
  const at = new Date().toISOString();
  const of = (figure: (run: ApiRun) => number): number => rounded(median(runs.map(figure)), 2);
  const rows: [string, string, number, boolean][] = [
    ['p50 of all', '–', of(({ all }) => all.p50_ms), true],
    ['p95 of all', `< ${GOALS.p95_ms} ms`, of(({ all }) => all.p95_ms), of(({ all }) => all.p95_ms) < GOALS.p95_ms],
    ['p99 of all', '–', of(({ all }) => all.p99_ms), true],
    ...(['api_key', 'session'] as const).map((name): [string, string, number, boolean] => {
      const added = of(({ authentication }) => authentication[name].p50_ms);
      return [`${name} adds at p50`, `≤ ${GOALS.authentication_p50_ms} ms`, added, added <= GOALS.authentication_p50_ms];
    }),
    [
      'refused',
      '0',
      of(({ refused }) => Object.values(refused).reduce((sum, one) => sum + one, 0)),
      runs.every(({ refused }) => Object.keys(refused).length === 0),
    ],
  ];
  console.log(
    textTable([
      ['figure', 'goal', 'measured', 'holds'],
      ...rows.map(([name, goal, value, holds]) => [name, goal, String(value), holds ? 'yes' : 'NO']),
    ]),
  );
  const configuration = {
    ...rate,
    runs: runs.length,
    warm_up_seconds: WARM_UP_SECONDS,
    processes: `${installation.apis.length} API, Postgres with fsync on, the requests’ generator; no worker`,
  };
  const result = {
    suite: 'api',
    at,
    machine: where,
    configuration,
    bare_answers_per_second: bare,
    ...(ladder.length > 0 && { ladder, sustained_per_second: ladder.findLast(({ holds }) => holds)?.per_second ?? 0 }),
    rows: rows.map(([figure, goal, measured, holds]) => ({ figure, goal, measured, holds })),
    runs,
    ...(each && { each }),
  };
  const file = values.out ?? `.data/bench/${at.slice(0, 10)}-api.json`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`written to ${file}`);
}
