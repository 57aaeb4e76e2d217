import { resolve } from 'node:path';
import type { Launch } from './launch.ts';

export interface TemporalServerOptions {
  binary: string;
  port: number;
  /** null: no Web UI. */
  uiPort: number | null;
  namespace: string;
  /** SQLite file; null keeps everything in memory. */
  dbFilename: string | null;
  /** FULL survives a power cut, OFF only a killed process: throw-away test data. */
  synchronous?: 'FULL' | 'OFF';
}

/** One task queue partition gives exact fairness and rate limits at this size; fairness keeps one tenant's backlog from delaying the others. */
const DYNAMIC_CONFIG = {
  'matching.enableFairness': 'true',
  'matching.numTaskqueueReadPartitions': '1',
  'matching.numTaskqueueWritePartitions': '1',
  'limit.maxIDLength': '255',
  'frontend.namespaceRPS.visibility': '100',
};

/** The command of a Temporal dev server on loopback. Namespace and search attributes are completed by `ensureNamespace`. */
export function temporalLaunch({ binary, port, uiPort, namespace, dbFilename, synchronous = 'FULL' }: TemporalServerOptions): Launch {
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace, '--log-level', 'warn'];
  args.push(...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort)]));
  if (dbFilename !== null) {
    args.push('--db-filename', resolve(dbFilename), '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', `synchronous=${synchronous}`);
  }
  for (const [key, value] of Object.entries(DYNAMIC_CONFIG)) args.push('--dynamic-config-value', `${key}=${value}`);
  return { command: binary, args, parentDeathSignal: 'SIGTERM' };
}
