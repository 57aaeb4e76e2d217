import { globSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { projectRoot } from '../support/testFiles.ts';
import { textTable } from './textTable.ts';

// `node tests/load/topSelfTime.ts [file.cpuprofile …]`: where the CPU time of V8 profiles went. Without files: all of .data/profiles.

/** https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile; times are in microseconds. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

export interface SelfTime {
  /** `function file:line`, or what the engine itself did, such as `(garbage collector)`. */
  where: string;
  ms: number;
  /** Of the time that was not idle, 0 to 1. */
  share: number;
}

/** Time spent in each function itself, without what it called, the most first. Idle time is left out. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): SelfTime[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const micros = new Map<string, number>();
  samples.forEach((id, index) => {
    const name = names.get(id) ?? '(unknown)';
    if (name !== '(idle)') micros.set(name, (micros.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  });
  const busy = [...micros.values()].reduce((sum, value) => sum + value, 0);
  return [...micros]
    .map(([where, value]) => ({ where, ms: value / 1_000, share: busy === 0 ? 0 : value / busy }))
    .toSorted((a, b) => b.ms - a.ms);
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName || '(anonymous)';
  const path = url.startsWith('file://') ? relative(projectRoot, new URL(url).pathname) : url;
  return `${functionName || '(anonymous)'} ${path}:${lineNumber + 1}`;
}

/** A worker process writes a profile of its main thread and one of each thread that runs workflows. */
function threadOf({ nodes }: CpuProfile): string {
  const runs = (file: string): boolean => nodes.some(({ callFrame }) => callFrame.url.endsWith(file));
  if (runs('/server/main.ts')) return 'API';
  return runs('/activities/worker.ts') ? 'worker' : 'workflows';
}

function print(files: string[]): void {
  for (const file of files) {
    const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
    const times = selfTimes(profile);
    const busyMs = times.reduce((sum, { ms }) => sum + ms, 0);
    const rows = times.slice(0, TOP).map(({ where, ms, share }) => [`${(share * 100).toFixed(1)} %`, `${ms.toFixed(0)} ms`, where]);
    console.log(`${threadOf(profile)}, ${file}: ${busyMs.toFixed(0)} ms busy\n${textTable(rows)}\n`);
  }
}

const TOP = 25;
if (import.meta.main) print(process.argv.length > 2 ? process.argv.slice(2) : globSync('.data/profiles/*.cpuprofile'));
