import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { Change } from '../../../activities/webhooks/change.ts';
import { ResultBuffer } from '../../../activities/webhooks/resultBuffer.ts';
import type { AttemptResult } from '../../../services/webhooks/record.ts';

const result = { errorCode: null } as AttemptResult;

describe('answers that wait to be recorded', () => {
  it('are enough when there are as many as may be, until they are on record', async () => {
    let record = (): void => {};
    const buffer = new ResultBuffer(() => new Promise<void>((resolve) => (record = resolve)), new Change(), 1_000);
    buffer.add(result);
    buffer.add(result);
    expect([buffer.full(3), buffer.full(2)]).to.deep.equal([false, true]);
    await sleep(10);
    record();
    await buffer.flush();
    expect([buffer.full(2), buffer.empty]).to.deep.equal([false, true]);
  });

  it('are enough when a write takes longer than a quarter of a second', async () => {
    let record = (): void => {};
    const buffer = new ResultBuffer(() => new Promise<void>((resolve) => (record = resolve)), new Change(), 1_000);
    buffer.add(result);
    expect(buffer.full(100)).to.equal(false);
    await sleep(300);
    expect(buffer.full(100)).to.equal(true);
    record();
    await buffer.flush();
    expect(buffer.full(100)).to.equal(false);
  });

  it('are enough while Postgres refuses, and given up in the end', async () => {
    const refuses = new ResultBuffer(() => Promise.reject(new Error('away')), new Change(), 100);
    refuses.add(result);
    await sleep(50);
    expect([refuses.full(100), refuses.gaveUp]).to.deep.equal([true, false]);
    const flushed = await refuses.flush().catch((error: unknown) => error);
    expect(flushed).to.include({ message: 'away' });
    expect(refuses.gaveUp).to.equal(true);
  });
});
