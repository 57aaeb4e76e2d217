import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect } from 'chai';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { createOrganization } from '../../support/factories.ts';
import { newWebhook } from '../../support/webhooks.ts';

/** A thousand millions of texts, behind references. */
const HOSTILE = {
  type: 'object',
  required: ['a'],
  properties: { a: { $ref: '#/$defs/first' } },
  $defs: {
    first: { type: 'array', minItems: 1_000, items: { $ref: '#/$defs/second' } },
    second: { type: 'array', minItems: 1_000, items: { $ref: '#/$defs/third' } },
    third: { type: 'array', minItems: 1_000, items: { type: 'string' } },
  },
};

describe('webhooks.test: what an example may cost', function () {
  this.timeout(30_000);
  const api = useApi();
  let caller: Caller;
  let path: string;
  before(async () => {
    caller = api.as((await createOrganization(api.database)).key);
    path = `/admin/webhooks/${(await newWebhook(caller)).id}/test`;
    const { status } = await caller.post('/admin/event-types', { name: 'hostile.type', schema: HOSTILE });
    expect(status).to.equal(201);
  });

  it('422: a schema that asks for more than there is never holds up the process, and costs once', async () => {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const statuses: number[] = [];
    const times: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      const started = performance.now();
      statuses.push((await caller.post(path, { event_type: 'hostile.type' })).status);
      times.push(performance.now() - started);
    }
    delay.disable();
    expect(statuses).to.deep.equal([422, 422, 422, 422, 422]);
    expect(delay.max / 1e6).to.be.below(400);
    expect(Math.min(...times.slice(1))).to.be.below(100);
  });

  it('202, 429: the same example may be asked for at the same time; of different ones an organization has one made at a time', async () => {
    const properties = (n: number) => ({ n: { type: 'integer', minimum: n, maximum: n } });
    for (const n of [1, 2]) {
      const schema = { type: 'object', required: ['n'], properties: properties(n) };
      await caller.post('/admin/event-types', { name: `number.n${n}`, schema });
    }
    const send = (type: string) => caller.post(path, { event_type: type });
    const answers = await Promise.all([send('number.n1'), send('number.n1'), send('number.n2')]);
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 202).length + refused.length).to.equal(3);
    for (const { headers } of refused) expect(headers.get('retry-after')).to.equal('1');
    expect([(await send('number.n1')).status, (await send('number.n2')).status]).to.deep.equal([202, 202]);
  });
});
