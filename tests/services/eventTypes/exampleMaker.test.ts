import { expect } from 'chai';
import { AppError } from '../../../services/errors/AppError.ts';
import { ExampleMaker } from '../../../services/eventTypes/example/maker.ts';

const exactly = (n: number) => ({ type: 'object', required: ['n'], properties: { n: { const: n } }, additionalProperties: false });
const text = { type: 'string', minLength: 1_000 };
/** More than the thread may hold, in little time: each of 250 fields has a thousand texts of a thousand letters. */
const HUGE = {
  type: 'object',
  required: Array.from({ length: 250 }, (_none, n) => `f${n}`),
  properties: Object.fromEntries(Array.from({ length: 250 }, (_none, n) => [`f${n}`, { $ref: '#/$defs/list' }])),
  $defs: { list: { type: 'array', minItems: 1_000, items: { $ref: '#/$defs/text' } }, text },
};

describe('ExampleMaker', function () {
  this.timeout(20_000);
  const maker = new ExampleMaker();
  after(() => maker.close());

  it('makes an example of a version once', async () => {
    const version = { id: 'v1', orgId: 'acme', schema: exactly(1) };
    const example = await maker.make(version);
    expect(example).to.deep.equal({ data: { n: 1 } });
    expect(await maker.make({ ...version, schema: exactly(2) })).to.equal(example);
  });

  it('what is asked for twice at the same time is made once; another version of the same organization is refused, of another one made', async () => {
    const version = { id: 'v3', orgId: 'acme', schema: exactly(3) };
    const [first, second, refused, others] = await Promise.allSettled([
      maker.make(version),
      maker.make(version),
      maker.make({ ...version, id: 'v4', schema: exactly(4) }),
      maker.make({ id: 'v5', orgId: 'other', schema: exactly(5) }),
    ]);
    expect(first).to.deep.equal({ status: 'fulfilled', value: { data: { n: 3 } } });
    expect(second).to.deep.equal(first);
    expect(others).to.deep.equal({ status: 'fulfilled', value: { data: { n: 5 } } });
    const reason: unknown = refused.status === 'rejected' ? refused.reason : null;
    expect(reason).to.be.instanceOf(AppError).with.property('code', 'rate_limited');
  });

  it('what takes too long or too much memory is refused, the process keeps its memory, and the next schema is served', async () => {
    const before = process.memoryUsage().rss;
    const example = await maker.make({ id: 'v6', orgId: 'acme', schema: HUGE });
    expect(example).to.have.property('faults');
    expect(process.memoryUsage().rss - before).to.be.below(200 * 1024 * 1024);
    expect(await maker.make({ id: 'v7', orgId: 'acme', schema: exactly(7) })).to.deep.equal({ data: { n: 7 } });
  });

  it('goes on after its thread was ended', async () => {
    await maker.close();
    expect(await maker.make({ id: 'v8', orgId: 'acme', schema: exactly(8) })).to.deep.equal({ data: { n: 8 } });
  });
});
