import { expect } from 'chai';
import { failed, lastLines } from '../support/failures.ts';
import type { Failure, Outcome } from '../support/failures.ts';
import { runBatches } from '../support/runBatches.ts';
import { runMocha } from '../support/runMocha.ts';

const FAILS = 'tests/guards/support/failingTests.ts';
const CANNOT_LOAD = 'tests/nowhere.test.ts';
const { signal } = new AbortController();

describe('the end of a run', function () {
  this.timeout(20_000);

  it('names each test and hook that failed, with its file and why, and then the counts', async () => {
    let printed = '';
    const batches = [FAILS, FAILS].map((file, n) => ({ name: `batch ${n}`, files: [file] }));
    const outcome = await runBatches({ batches, lanes: [{}, {}], print: (text) => void (printed += text), signal });
    expect(outcome.counts).to.deep.equal({ passed: 2, failed: 4, skipped: 0 });
    expect(printed).to.contain('── batch 0').and.to.contain('── batch 1');
    const end = lastLines(outcome).split('\n');
    expect(end.at(-1)).to.equal('2 passed, 4 failed, 0 skipped');
    expect(end.filter((line) => line.endsWith(`) ${FAILS}: what can go wrong a test that fails`))).to.have.length(2);
    expect(end.filter((line) => line.includes(`${FAILS}: what can go wrong with a hook "before all" hook: prepare it`))).to.have.length(2);
    const text = end.join('\n');
    expect(text).to.match(/AssertionError: expected .*\n.* at Context.*failingTests\.ts:7:/);
    expect(text).to.match(/-\s+"attempts": 2\n\s+\+\s+"attempts": 1/);
    expect(text).to.contain('Error: the hook failed').and.to.contain('caused by Error: its reason');
  });

  it('tells why a file could not be loaded, and what a process printed last that ended by itself', async () => {
    const outcome = await runMocha({ files: [CANNOT_LOAD], collect: () => {} });
    expect(outcome.counts).to.deep.equal({ passed: 0, failed: 1, skipped: 0 });
    expect(lastLines(outcome))
      .to.contain(`the process of 1 file(s) from ${CANNOT_LOAD} on ended with 1`)
      .and.to.contain('Error: Cannot find module');
  });

  it('has all of it in the last 60 lines, however many failed and however much each has to say', () => {
    const text = Array.from({ length: 500 }, (_none, n) => `line ${n}`).join('\n');
    for (const count of [1, 2, 7, 18, 19, 300]) {
      const failures = Array.from({ length: count }, (_none, n): Failure => ({ file: 'tests/a.test.ts', title: `test ${n}`, text }));
      const outcome: Outcome = { counts: { passed: 3, failed: count, skipped: 1 }, failures };
      const lines = lastLines(outcome).split('\n');
      expect(lines.length).to.be.within(Math.min(50, 3 * count), 60);
      expect(lines.at(-1)).to.equal(`3 passed, ${count} failed, 1 skipped`);
      for (let n = 0; n < Math.min(count, 18); n += 1)
        expect(lines[lines.indexOf(`${n + 1}) tests/a.test.ts: test ${n}`) + 1]).to.equal('     line 0');
      expect(lines.includes(`… and ${count - 18} more`)).to.equal(count > 18);
    }
  });

  it('shows the end of what a check printed that failed, however much that is', () => {
    const output = Array.from({ length: 500 }, (_none, n) => `line ${n}`).join('\n');
    const lines = lastLines(failed('lint', output)).split('\n');
    expect(lines).to.include('1) lint').and.to.include('     line 499').and.not.to.include('     line 0');
    expect(lines.length).to.be.at.most(60);
  });

  it('is the counts alone when nothing failed', () => {
    expect(lastLines({ counts: { passed: 3, failed: 0, skipped: 1 }, failures: [] })).to.equal('3 passed, 0 failed, 1 skipped');
  });
});
