import { summaryLine } from './support/counts.ts';
import { runChecks } from './support/runChecks.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const { counts } = await runChecks(print);
print(summaryLine(counts));
process.exitCode = counts.failed === 0 ? 0 : 1;
