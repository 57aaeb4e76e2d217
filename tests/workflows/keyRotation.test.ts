import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { keepKeySweep } from '../../activities/apiKeys/keepKeySweep.ts';
import { recordKeyUsage } from '../../db/queries/recordKeyUsage.ts';
import { keepKeyRotation } from '../../services/apiKeys/rotation/keep.ts';
import { findOverdueKeyRotations, KEY_ROTATION_TOPIC } from '../../services/outbox/keyRotations.ts';
import { startOutboxRelay } from '../../services/outbox/lifecycle.ts';
import { statusQuery } from '../../workflows/keyRotation/contract.ts';
import { SCHEDULE_ID } from '../../workflows/keySweep/contract.ts';
import * as outboxRelay from '../../workflows/outboxRelay/contract.ts';
import { useDatabase } from '../support/database.ts';
import { RotatingOrganization } from '../support/keyRotations.ts';
import { useWorker } from '../support/worker.ts';

describe('keyRotation', function () {
  this.timeout(30_000);
  const database = useDatabase();
  const worker = useWorker(database);
  let keys: RotatingOrganization;
  before(async () => (keys = await RotatingOrganization.create(database, worker.deps)));

  const retirements = async (id: string): Promise<number> =>
    (await keys.audited(id)).filter((action) => action === 'api_keys.retire').length;

  it('started twice, and again after its end, it retires once; meanwhile it can be asked', async () => {
    const id = await keys.key();
    const { promises } = await keys.rotate(id, { graceSeconds: 1 });
    await keepKeyRotation(worker.deps, promises[0]!);
    const status = await keys.handle(id).query(statusQuery);
    expect(status.state).to.be.oneOf(['overlapping', 'finished', 'unknown']);
    await keys.handle(id).result();
    await keepKeyRotation(worker.deps, promises[0]!);
    await keys.handle(id).result();
    expect(await keys.handle(id).query(statusQuery)).to.deep.equal({ state: 'finished', endsAt: null });
    expect(await retirements(id)).to.equal(1);
  });

  it('a process that died between commit and start loses nothing: the relay starts it, and tells it of the first use that was written down', async () => {
    const id = await keys.key();
    const { successor } = await keys.promise(id, { retireAfterFirstUseMinutes: 1 });
    const at = new Date(Date.now() - 61_000).toISOString();
    const used = { org_id: keys.orgId, key_id: successor.id, first_at: at, last_at: at, ip: '192.0.2.1' };
    await startOutboxRelay(worker.deps.temporal);
    while ((await keys.rows('outbox', { topic: KEY_ROTATION_TOPIC })).length > 0) await sleep(50);
    expect((await keys.rotation(id)).state).to.equal('overlapping');
    await recordKeyUsage(database.app, [], [used]);
    await keys.handle(id).result();
    expect(await keys.rotation(id)).to.include({ state: 'finished', endReason: 'new_key_used' });
    await worker.deps.temporal.workflow.getHandle(outboxRelay.workflowId()).terminate();
  });

  it('a rotation whose workflow was lost is found when its end is long over, and one that still lasts is not', async () => {
    const [lost, lasting] = [await keys.key(), await keys.key()];
    const started = await keys.promise(lost, { graceSeconds: 86_400 });
    await keys.promise(lasting, { graceSeconds: 86_400 });
    const past = new Date(Date.now() - 3_600_000);
    await database.system('key_rotations').where({ id: started.rotation.id }).update({ grace_ends_at: past, ends_at: past });
    const overdue = await database.system.transaction((trx) => findOverdueKeyRotations(trx, { overdueMs: 60_000, limit: 10 }));
    expect(overdue.map(({ rotationId }) => rotationId)).to.deep.equal([started.rotation.id]);
    await keepKeyRotation(worker.deps, overdue[0]!);
    await keys.handle(lost).result();
    expect((await keys.rotation(lost)).state).to.equal('finished');
  });

  it('the sweep is scheduled hourly, once; a lost schedule comes back, and one that operations paused stays paused', async () => {
    const schedule = worker.deps.temporal.schedule.getHandle(SCHEDULE_ID);
    const stopping = new AbortController();
    await keepKeySweep({ ...worker.deps, stopping: stopping.signal }, 100);
    const { spec, policies } = await schedule.describe();
    expect([spec.calendars?.[0]?.hour, policies.overlap]).to.deep.equal([[{ start: 0, end: 23, step: 1 }], 'SKIP']);
    await schedule.pause('maintenance');
    await sleep(250);
    expect((await schedule.describe()).state.paused).to.equal(true);
    await schedule.delete();
    while (!(await schedule.describe().catch(() => null))) await sleep(50);
    stopping.abort();
    await schedule.delete();
  });
});
