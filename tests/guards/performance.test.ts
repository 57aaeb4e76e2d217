import { expect } from 'chai';
import { withPerformanceTable } from '../load/performanceTable.ts';
import type { BenchResult } from '../load/performanceTable.ts';
import { ROWS, SHORT } from '../load/rows.ts';
import { selfTimes } from '../load/topSelfTime.ts';
import { read } from './support/sources.ts';

const page = read('docs/performance.md');
const rows = ROWS.map(({ figure, peer, goal }) => [figure, peer, goal]);

describe('docs/performance.md', () => {
  it('has a line for each row that the benchmark measures, in its order, with the same peer and goal', () => {
    expect(tableOf(page).map((cells) => cells.slice(0, 3))).to.deep.equal(rows);
  });

  it('says what the result file says that it links to, and has no figures without one', () => {
    const link = /\]\((results\/[\w.-]+\.json)\)/.exec(page)?.[1];
    if (link === undefined) {
      expect(tableOf(page).map((cells) => cells.slice(3))).to.deep.equal(rows.map(() => ['–', '–']));
      return;
    }
    const file = `docs/${link}`;
    const result = JSON.parse(read(file)) as BenchResult;
    expect(withPerformanceTable(page, result, file)).to.equal(page);
  });

  it('explains each row under a heading of its own', () => {
    const headings = [...page.matchAll(/^### (.+)$/gm)].map((match) => match[1]);
    expect(headings).to.deep.equal(ROWS.map(({ key }) => `\`${key}\``));
  });
});

describe('the benchmark', () => {
  it('holds a row only when its goal is met', () => {
    const goals: Record<string, [met: object, missed: object]> = {
      deliver: [{ deliveries_per_second: 4_000 }, { deliveries_per_second: 3_999 }],
      'fan-out': [{ deliveries_per_second: 8_000 }, { deliveries_per_second: 7_999 }],
      publish: [{ publish_per_second: 6_000 }, { publish_per_second: 5_999 }],
      drain: [{ deliveries_per_second: 7_500 }, { deliveries_per_second: 7_499 }],
      accept: [
        { accept_p50_ms: 3, accept_p99_ms: 15 },
        { accept_p50_ms: 3, accept_p99_ms: 15.1 },
      ],
      warm: [
        { receipt_p50_ms: 6, receipt_p99_ms: 20 },
        { receipt_p50_ms: 6.1, receipt_p99_ms: 20 },
      ],
      idle: [{ receipt_p50_ms: 50 }, { receipt_p50_ms: 50.1 }],
      isolation: [
        { others_p99_ms: 10, others_p99_ms_hanging: 15 },
        { others_p99_ms: 10, others_p99_ms_hanging: 15.1 },
      ],
      fairness: [
        { p95_ms_alone: 10, p95_ms_beside_backlog: 110 },
        { p95_ms_alone: 10, p95_ms_beside_backlog: 111 },
      ],
      crashes: [
        { lost: 0, duplicates: 99, accepted: 10_000 },
        { lost: 0, duplicates: 100, accepted: 10_000 },
      ],
      sparse: [
        { p99_ms: 1_000, left_the_express_lane: 0 },
        { p99_ms: 1_001, left_the_express_lane: 0 },
      ],
      memory: [
        { api_rss_mb: 250, worker_rss_mb: 400 },
        { api_rss_mb: 250, worker_rss_mb: 401 },
      ],
    };
    const judged = ROWS.map(({ key, holds }) => [
      key,
      ...(goals[key] ?? []).map((figures) => holds(figures as Record<string, number>, 20_000)),
    ]);
    expect(judged).to.deep.equal(ROWS.map(({ key }) => [key, true, false]));
    const drain = ROWS.find(({ key }) => key === 'drain');
    expect(drain?.holds({ deliveries_per_second: 8_000 }, 23_000), 'below 0.35 × raw').to.equal(false);
    for (const { key, holds } of ROWS) expect(holds({}, 20_000), `${key} without figures`).to.equal(false);
  });

  it('has a key for each row, and measures in short what is in full too', () => {
    expect(new Set(ROWS.map(({ key }) => key)).size).to.equal(ROWS.length);
    expect(ROWS.map(({ key }) => key)).to.include.members(SHORT);
  });

  it('reads the self time of functions from a profile, without the idle time', () => {
    const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 9 });
    const nodes = [frame('(idle)'), frame('(garbage collector)'), frame('sign', 'node:crypto')].map((callFrame, id) => ({ id, callFrame }));
    expect(selfTimes({ nodes, samples: [0, 1, 2, 2], timeDeltas: [5_000, 1_000, 1_000, 2_000] })).to.deep.equal([
      { where: 'sign node:crypto:10', ms: 3, share: 0.75 },
      { where: '(garbage collector)', ms: 1, share: 0.25 },
    ]);
  });
});

/** Cells of the page's first table, without its head. */
function tableOf(text: string): string[][] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith('| figure |'));
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '')));
}
