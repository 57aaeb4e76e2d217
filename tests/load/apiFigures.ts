import type { Kind } from './apiMix.ts';
import { median, percentile, rounded } from './figures.ts';
import type { Offered } from './offer.ts';

export interface Latency {
  requests: number;
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
}

/** What of one run goes into the result. */
export interface ApiRun {
  answered_per_second: number;
  refused: Record<string, number>;
  all: Latency;
  reads: Latency;
  writes: Latency;
  /** By operation and credential. */
  operations: Record<string, Latency>;
  authentication: { api_key: Added; session: Added };
}

/** What a credential adds to the same operation without one, within one run. */
export interface Added {
  p50_ms: number;
  p95_ms: number;
  p50_ratio: number;
}

/** The figures of a run. Probes count for authentication alone. */
export function apiFigures({ ms, refused, perSecond }: Offered): ApiRun {
  const of = (wanted: (kind: Kind) => boolean): number[] => [...ms].filter(([kind]) => wanted(kind)).flatMap(([, values]) => values);
  const open = of(({ kind, as }) => kind === 'probe' && as === 'nobody');
  const added = (as: Kind['as']): Added =>
    addedBy(
      of((kind) => kind.kind === 'probe' && kind.as === as),
      open,
    );
  return {
    answered_per_second: rounded(perSecond),
    refused: Object.fromEntries(refused),
    all: latency(of(({ kind }) => kind !== 'probe')),
    reads: latency(of(({ kind }) => kind === 'read')),
    writes: latency(of(({ kind }) => kind === 'write')),
    operations: Object.fromEntries([...ms].map(([{ name, as }, values]) => [as === 'nobody' ? name : `${name} (${as})`, latency(values)])),
    authentication: { api_key: added('key'), session: added('session') },
  };
}

function latency(values: number[]): Latency {
  const at = (share: number): number => rounded(percentile(values, share), 2);
  return { requests: values.length, p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99) };
}

function addedBy(closed: number[], open: number[]): Added {
  return {
    p50_ms: rounded(median(closed) - median(open), 2),
    p95_ms: rounded(percentile(closed, 0.95) - percentile(open, 0.95), 2),
    p50_ratio: rounded(median(closed) / median(open), 2),
  };
}
