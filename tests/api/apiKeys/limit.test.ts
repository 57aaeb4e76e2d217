import { expect } from 'chai';
import { useApi } from '../../support/api.ts';
import { createOrganization } from '../../support/factories.ts';
import { rowsOf } from '../../support/webhooks.ts';

interface Answer {
  id: string;
  key: string;
  limit: object;
}

const KEYS = '/admin/api-keys';

describe('api_keys: how many an organization may have', () => {
  const api = useApi();
  /** Of the free plan, which has five; the first key is one of them. */
  const withKeys = async (count: number) => {
    const { orgId, key } = await createOrganization(api.database, { plan: 'free' });
    const caller = api.as(key);
    const make = (body: object = {}) => caller.post<Answer>(KEYS, { name: 'Export', scopes: ['lead.read'], ...body });
    const made: Answer[] = [];
    while (made.length < count - 1) made.push((await make()).body);
    const rotate = (id: string) => caller.post<Answer>(`${KEYS}/${id}/rotate`, { grace_seconds: 3_600 });
    return { orgId, caller, make, made, rotate };
  };

  it('402: of twenty made at once for the last place exactly one is', async () => {
    const { orgId, make } = await withKeys(4);
    const answers = await Promise.all(Array.from({ length: 20 }, () => make()));
    expect(answers.filter(({ status }) => status === 201)).to.have.length(1);
    expect(await rowsOf(api.database, orgId, 'api_keys')).to.have.length(5);
    const refused = answers.filter(({ status }) => status === 402);
    expect(refused).to.have.length(19);
    for (const { body } of refused)
      expect(body.limit).to.deep.equal({ name: 'api_keys', limit: 5, used: 5, plan: 'free', upgrade_to: 'starter' });
  });

  it('a key and its successors are one: rotations take no place, and need none', async () => {
    const { made, rotate, make } = await withKeys(4);
    const rotated = await Promise.all(made.map(({ id }) => rotate(id)));
    expect(rotated.map(({ status }) => status)).to.deep.equal([201, 201, 201]);
    const { status, body: last } = await make();
    expect(status).to.equal(201);
    for (const { id } of [rotated[0]!.body, last]) expect((await rotate(id)).status).to.equal(201);
    expect((await make()).status).to.equal(402);
  });

  it('a rotation that is aborted, whatever became of the new key, makes no place', async () => {
    const { caller, made, rotate, make } = await withKeys(5);
    const { id } = made[0]!;
    const { body: successor } = await rotate(id);
    await caller.delete(`${KEYS}/${successor.id}`);
    expect((await make()).status).to.equal(402);
    expect((await caller.post(`${KEYS}/${id}/rotation/abort`)).status).to.equal(200);
    expect((await make()).status).to.equal(402);
  });

  it('a revoked key makes room, a disabled one does not', async () => {
    const { caller, made, make } = await withKeys(5);
    await caller.post(`${KEYS}/${made[0]!.id}/disable`);
    expect((await make()).status).to.equal(402);
    await caller.delete(`${KEYS}/${made[0]!.id}`);
    expect((await make()).status).to.equal(201);
    expect((await make()).status).to.equal(402);
  });

  it('an expired key makes room, and needs room to live again', async () => {
    const { orgId, caller, made, make } = await withKeys(5);
    const rows = api.database.system('api_keys').where({ org_id: orgId }).whereNotNull('created_by');
    await rows.update({ expires_at: new Date(Date.now() - 1_000) });
    const revive = (at: number) => caller.patch(`${KEYS}/${made[at]!.id}`, { expires_at: new Date(Date.now() + 3_600_000).toISOString() });
    expect((await revive(0)).status).to.equal(200);
    for (let free = 3; free > 0; free -= 1) expect((await make()).status).to.equal(201);
    expect((await revive(1)).status).to.equal(402);
    expect((await caller.patch(`${KEYS}/${made[1]!.id}`, { name: 'Renamed' })).status).to.equal(200);
    expect((await revive(0)).status).to.equal(200);
  });
});
