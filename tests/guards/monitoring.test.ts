import { expect } from 'chai';
import { parse } from 'yaml';
import { createWorkerMetrics } from '../../activities/metrics.ts';
import { createMetrics } from '../../server/metrics.ts';
import { linkFault } from './support/pageLinks.ts';
import { promqlFaults } from './support/promql.ts';
import type { Vocabulary } from './support/promql.ts';
import { read } from './support/sources.ts';

const DASHBOARD = 'docs/operations/grafana-dashboard.json';
const ALERTS = 'docs/operations/prometheus-alerts.yml';

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { refId: string; expr: string; legendFormat: string }[];
}

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook: string };
}

const { panels } = JSON.parse(read(DASHBOARD)) as { panels: Panel[] };
const { groups } = parse(read(ALERTS)) as { groups: { name: string; rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const vocabulary: Vocabulary = { series: new Map([...(await seriesOf(createMetrics())), ...(await seriesOf(createWorkerMetrics()))]) };
const faultsOf = (expression: string): string[] => promqlFaults(expression, vocabulary);

describe('dashboard and alerts', () => {
  it('use only series and labels that API and worker make', () => {
    const expressions = [...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)), ...rules.map(({ expr }) => expr)];
    console.log(`      ${expressions.length} expressions over ${vocabulary.series.size} series`);
    expect(expressions.flatMap((expr) => faultsOf(expr).map((fault) => `${expr}: ${fault}`))).to.deep.equal([]);
  });

  it('would be refused with a series or a label that nobody makes, or a bracket too many', () => {
    expect(faultsOf('sum(rate(artisan_nothing_total[5m]))')).to.include('artisan_nothing_total is no series, label or function');
    expect(faultsOf('sum by (tenant) (artisan_deliveries_unfinished)')).to.deep.equal(['tenant is no series, label or function']);
    expect(faultsOf('sum(rate(artisan_webhook_attempts_total{outcome="dead"}[5m])')).to.deep.equal(['its brackets do not match']);
    expect(faultsOf('max(artisan_deliveries_unfinished) > 1e3')).to.deep.equal([]);
  });

  it('show every metric of ours', () => {
    const text = read(DASHBOARD);
    const series = [...vocabulary.series.keys()].filter((name) => name.startsWith('artisan_'));
    const ours = new Set(series.map((name) => name.replace(/_(sum|count|bucket)$/, '')));
    expect(ours.size).to.be.greaterThan(5);
    expect([...ours].filter((name) => !text.includes(name))).to.deep.equal([]);
  });

  it('have outcomes and classes of status that are counted', () => {
    const values = [...`${read(DASHBOARD)}${read(ALERTS)}`.matchAll(/\b(outcome|status)=~?\\?"([^"\\]+)/g)].flatMap(([, , text]) =>
      (text ?? '').split('|'),
    );
    expect(new Set(values)).to.deep.equal(
      new Set(['delivered', 'dead', 'retrying', '5xx', 'given_up', 'genuine', 'refused', 'failed', 'unreachable']),
    );
  });

  describe('each panel', () => {
    it('has a number and a place of its own, and says what it shows', () => {
      expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length);
      const charts = panels.filter(({ type }) => type !== 'row');
      expect(charts.filter(({ title, description, targets = [] }) => !title || !description || targets.length === 0)).to.deep.equal([]);
      const overlaps = panels.flatMap((one, index) => panels.slice(index + 1).filter((other) => overlap(one.gridPos, other.gridPos)));
      expect(overlaps.map(({ title }) => title)).to.deep.equal([]);
      expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).to.deep.equal([]);
    });
  });

  describe('each alert', () => {
    it('has a name of its own, waits, has a severity and says what it means', () => {
      expect(new Set(rules.map(({ alert }) => alert)).size).to.equal(rules.length);
      for (const { alert, for: wait, labels, annotations } of rules) {
        expect(alert).to.match(/^Artisan[A-Z][A-Za-z]+$/);
        expect(wait, alert).to.match(/^\d+m$/);
        expect(labels.severity, alert).to.be.oneOf(['warning', 'critical']);
        expect([annotations.summary, annotations.description].join(' '), alert).to.match(/^.{10,}\. .{10,}\.$/);
      }
    });

    it('leads to a page of the runbook, and to a heading of it', () => {
      expect(rules.flatMap(({ annotations }) => linkFault('README.md', annotations.runbook))).to.deep.equal([]);
      expect(rules.filter(({ annotations }) => !annotations.runbook.startsWith('docs/runbook'))).to.deep.equal([]);
    });
  });
});

/** Every series that a registry exposes, with its labels; a histogram has three. */
async function seriesOf({ registry }: Pick<ReturnType<typeof createMetrics>, 'registry'>): Promise<[string, Set<string>][]> {
  const metrics = await registry.getMetricsAsJSON();
  return [['up', new Set<string>()] as [string, Set<string>]].concat(
    metrics.flatMap(({ name, type }) => {
      const { labelNames = [] } = registry.getSingleMetric(name) as unknown as { labelNames?: string[] };
      const names = String(type) === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
      return names.map((each): [string, Set<string>] => [each, new Set(labelNames)]);
    }),
  );
}

type Box = Panel['gridPos'];

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
