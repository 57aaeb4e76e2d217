import { addCounts, summaryLine } from './counts.ts';
import type { Counts } from './counts.ts';

/** What is told of one failed test, hook, check or process. */
export interface Failure {
  /** Relative to the project; null when no one file is to blame. */
  file: string | null;
  title: string;
  /** Lines: the error with its stack and difference, or what a process printed. */
  text: string;
  /** The last lines say more than the first. */
  fromEnd?: true;
}

/** What came of some tests or checks. */
export interface Outcome {
  counts: Counts;
  failures: Failure[];
}

/** So many lines of a log are what people and programs look at: all that failed has to be there. */
const LINES = 60;
const TOLD_AT_MOST = 18;
const WIDTH = 400;
/** Around the failures: a headline, how many more there are, the counts, and empty lines. */
const FRAME = 6;
/** Of each failure: its title, and an empty line. */
const EACH = 2;

export function addOutcomes(...all: Outcome[]): Outcome {
  return { counts: addCounts(...all.map(({ counts }) => counts)), failures: all.flatMap(({ failures }) => failures) };
}

/** One check or process that failed without naming a test: the end of what it printed says why. */
export function failed(title: string, output: string): Outcome {
  return { counts: { passed: 0, failed: 1, skipped: 0 }, failures: [{ file: null, title, text: output, fromEnd: true }] };
}

/** The end of a whole run, within the last 60 lines of its log: each failure with its file, title and the first lines of why, then the counts. */
export function lastLines({ counts, failures }: Outcome): string {
  if (failures.length === 0) return summaryLine(counts);
  const told = failures.slice(0, TOLD_AT_MOST);
  const linesEach = Math.max(1, Math.floor((LINES - FRAME) / told.length) - EACH);
  const more = failures.length - told.length;
  const parts = [
    '── Failures, each explained in full above',
    ...told.map((failure, n) => describe(failure, n + 1, linesEach)),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ];
  return `\n${parts.join('\n\n')}\n\n${summaryLine(counts)}`;
}

function describe({ file, title, text, fromEnd }: Failure, n: number, lines: number): string {
  const all = text.split('\n').filter((line) => line.trim() !== '');
  const told = fromEnd ? all.slice(-lines) : all.slice(0, lines);
  return [`${n}) ${file === null ? '' : `${file}: `}${title}`, ...told.map((line) => `     ${line.slice(0, WIDTH)}`)].join('\n');
}
