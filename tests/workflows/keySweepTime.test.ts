import { expect } from 'chai';
import { typeId } from '../../server/ids.ts';
import { NAME, TASK_QUEUE } from '../../workflows/keySweep/contract.ts';
import { useDatabase } from '../support/database.ts';
import { RotatingOrganization } from '../support/keyRotations.ts';
import { useSuperuser } from '../support/oldHistory.ts';
import { recordHistory } from '../support/recordHistory.ts';
import { useTimeSkipping } from '../support/timeSkipping.ts';

const DAY_MS = 86_400_000;

const SWEEP = { taskQueue: TASK_QUEUE, args: [{ v: 1, after: null }] };

interface EventRow {
  type: string;
  payload: string;
}

describe('keySweep on skipped time', function () {
  this.timeout(60_000);
  const database = useDatabase();
  const superuser = useSuperuser(database);
  const time = useTimeSkipping(database);
  let keys: RotatingOrganization;
  let wanted: string;
  let unwanted: string;
  before(async () => {
    keys = await RotatingOrganization.create(database, time.deps);
    await keys.policy({ rotation_days: 90 });
    const owner = { id: keys.organization.ownerUserId };
    await superuser.knex('users').where(owner).update({ email_verified_at: new Date() });
    // The schedule of the product runs the same workflow; the time-skipping server knows cron, and no schedules. Half a day from now, so that
    // nothing that a test times in whole days falls together with a run.
    const at = new Date(Date.now() + DAY_MS / 2);
    const cronSchedule = `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
    await time.deps.temporal.workflow.start(NAME, { ...SWEEP, workflowId: NAME, cronSchedule });
  });

  const told = async (keyId: string): Promise<[string, unknown][]> => {
    const rows = await keys.rows<EventRow>('events');
    const events = rows.map(({ type, payload }) => ({ type, data: (JSON.parse(payload) as { data: Record<string, unknown> }).data }));
    return events
      .filter(({ data }) => data['api_key_id'] === typeId('key', keyId))
      .map(({ type, data }) => [type, data['reason'] ?? data['cause']]);
  };

  const sweep = async (workflowId: string): Promise<void> => {
    await time.untilEnd(await time.deps.temporal.workflow.start(NAME, { ...SWEEP, workflowId }));
  };
  const refusal = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => null,
      (error: unknown) => error,
    );

  it('ninety days: a key is rotated by the policy, announced while nobody picks up its successor, and retired after seven days', async () => {
    [wanted, unwanted] = [await keys.key(), await keys.key()];
    await time.pass(89 * DAY_MS);
    expect(await told(unwanted)).to.deep.equal([]);
    await time.pass(2 * DAY_MS);
    const rotation = await keys.rotation(unwanted);
    expect(rotation).to.include({ cause: 'policy', state: 'overlapping', retireAfterFirstUseMinutes: 60 });
    expect(rotation.graceEndsAt.getTime() - rotation.createdAt.getTime()).to.equal(7 * DAY_MS);
  });

  it('the successor waits sealed, is handed out once, and has ninety days of its own before it', async () => {
    const { key } = await keys.pickUp(wanted);
    expect(await refusal(keys.pickUp(wanted))).to.include({ code: 'conflict' });
    const { newKeyId, sealedKey, createdAt } = await keys.rotation(wanted);
    expect(sealedKey).to.equal(null);
    const successor = await keys.read(newKeyId);
    expect(key).to.match(new RegExp(`^${successor.prefix}.*${successor.last4}$`));
    expect(successor.createdAt).to.deep.equal(createdAt);
  });

  it('one that nobody picks up: the old key is announced and retires all the same, and the successor is revoked after thirty days', async () => {
    const { endsAt } = await keys.rotation(unwanted);
    await time.pass(endsAt.getTime() - time.deps.clock.now().getTime() - DAY_MS / 2);
    await sweep('half-a-day-before');
    await time.pass(2 * DAY_MS);
    expect(await keys.rotation(unwanted)).to.include({ state: 'finished', endReason: 'grace_over' });
    expect(await told(wanted)).to.deep.equal([['api_key.rotated', 'policy']]);
    const announced = ['api_key.expiring', 'rotation_not_picked_up'];
    expect(await told(unwanted)).to.deep.equal([['api_key.rotated', 'policy'], announced, announced]);
    await time.pass(24 * DAY_MS);
    const { newKeyId, sealedKey } = await keys.rotation(unwanted);
    expect(sealedKey).to.equal(null);
    expect((await keys.read(newKeyId)).revokedAt).to.not.equal(null);
    expect(await keys.audited(newKeyId)).to.deep.equal(['api_keys.rotation.withdraw']);
    expect((await keys.read((await keys.rotation(wanted)).newKeyId)).revokedAt).to.equal(null);
  });

  it('a key that expires is announced a week and a day before, each once, by an event and by mail; one that somebody rotated is not', async () => {
    const expiresAt = new Date(time.deps.clock.now().getTime() + 10 * DAY_MS);
    const [expiring, rotated] = [await keys.key({ expiresAt }), await keys.key({ expiresAt })];
    await keys.rotate(rotated, { graceSeconds: 20 * 86_400 });
    await time.pass(2 * DAY_MS);
    expect(await told(expiring)).to.deep.equal([]);
    await time.pass(5 * DAY_MS);
    expect(await told(expiring)).to.deep.equal([['api_key.expiring', 'expiry']]);
    await time.pass(5 * DAY_MS);
    expect(await told(expiring)).to.have.length(2);
    expect(await told(rotated)).to.deep.equal([['api_key.rotated', 'request']]);
    const mails = await database.system('mails').where({ template: 'api_key_ending', for_user_id: keys.organization.ownerUserId });
    expect(mails).to.have.length((await keys.rows('events', { type: 'api_key.expiring' })).length);
  });

  it('one run looks at every key once, and ends; what was done is counted', async () => {
    const { keySweeps, keysSwept } = time.deps.metrics;
    const runs = async () => (await keySweeps.get()).values[0]!.value;
    const before = await runs();
    await sweep('once');
    expect(await runs()).to.equal(before + 1);
    const counts = new Map((await keysSwept.get()).values.map(({ labels, value }) => [labels.outcome, value]));
    expect(counts.get('announced')).to.equal((await keys.rows('events', { type: 'api_key.expiring' })).length);
    expect(counts.get('rotated')).to.be.greaterThan(0);
    expect(counts.get('failed')).to.equal(0);
    await recordHistory(time.deps.temporal, 'once', 'keySweep-v1-once');
  });
});
