import { expect } from 'chai';
import { abortSignal, extendSignal, finishSignal } from '../../workflows/keyRotation/contract.ts';
import { recordHistory } from '../support/recordHistory.ts';
import { useDatabase } from '../support/database.ts';
import { RotatingOrganization } from '../support/keyRotations.ts';
import { useTimeSkipping } from '../support/timeSkipping.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('keyRotation on skipped time', function () {
  this.timeout(30_000);
  const database = useDatabase();
  const time = useTimeSkipping(database);
  let keys: RotatingOrganization;
  before(async () => (keys = await RotatingOrganization.create(database, time.deps)));

  it('grace of seven days: both keys work for all of it, and at its end the old one retires, with few events in between', async () => {
    const id = await keys.key();
    const { successor, rotation } = await keys.rotate(id, { graceSeconds: 7 * 86_400 });
    await time.pass(7 * DAY_MS - HOUR_MS);
    expect((await keys.rotation(id)).state).to.equal('overlapping');
    await time.untilEnd(keys.handle(id));
    expect(await keys.rotation(id)).to.include({ state: 'finished', endReason: 'grace_over' });
    expect((await keys.read(id)).retiresAt).to.deep.equal(rotation.graceEndsAt);
    expect(await keys.read(successor.id)).to.include({ retiresAt: null, revokedAt: null });
    expect(await keys.audited(id)).to.deep.equal(['api_keys.create', 'api_keys.rotate', 'api_keys.retire']);
    expect((await keys.handle(id).fetchHistory()).events).to.have.length.below(25);
    await recordHistory(time.deps.temporal, keys.handle(id).workflowId, 'keyRotation-v1-grace');
  });

  it('an hour after the new key was first used the old one retires, weeks before its grace ends', async () => {
    const id = await keys.key();
    const { successor } = await keys.rotate(id, { graceSeconds: 30 * 86_400, retireAfterFirstUseMinutes: 60 });
    await time.pass(3 * DAY_MS);
    const usedAt = time.deps.clock.now();
    await keys.change(successor.id, { firstUsedAt: usedAt });
    await keys.relay();
    await time.untilEnd(keys.handle(id));
    expect(await keys.rotation(id)).to.include({ state: 'finished', endReason: 'new_key_used' });
    expect((await keys.read(id)).retiresAt).to.deep.equal(new Date(usedAt.getTime() + HOUR_MS));
    expect(await keys.audited(successor.id)).to.deep.equal(['api_keys.rotation.first_use']);
    await recordHistory(time.deps.temporal, keys.handle(id).workflowId, 'keyRotation-v1-first-use');
  });

  it('signals at Temporal itself extend, finish and abort; one that makes no sense changes nothing', async () => {
    const [extended, finished, aborted] = [await keys.key(), await keys.key(), await keys.key()];
    for (const id of [extended, finished, aborted]) await keys.rotate(id, { graceSeconds: 86_400, retireAfterFirstUseMinutes: 5 });
    const until = new Date(time.deps.clock.now().getTime() + 20 * DAY_MS);
    await keys.handle(extended).signal(extendSignal, { until: until.toISOString() });
    for (const wrong of ['tomorrow', '2020-01-01T00:00:00Z', '2199-01-01T00:00:00Z'])
      await keys.handle(extended).signal(extendSignal, { until: wrong });
    await keys.handle(finished).signal(finishSignal);
    await keys.handle(aborted).signal(abortSignal);
    for (const id of [finished, aborted]) await time.untilEnd(keys.handle(id));
    expect(await keys.rotation(finished)).to.include({ state: 'finished', endReason: 'finished_early' });
    const { state, newKeyId } = await keys.rotation(aborted);
    expect(state).to.equal('aborted');
    expect((await keys.read(newKeyId)).revokedAt).to.not.equal(null);
    expect(await keys.read(aborted)).to.include({ retiresAt: null, rotatedAt: null });
    await time.pass(19 * DAY_MS);
    expect(await keys.rotation(extended)).to.include({ state: 'overlapping', retireAfterFirstUseMinutes: null });
    await time.untilEnd(keys.handle(extended));
    expect((await keys.read(extended)).retiresAt).to.deep.equal(until);
    await recordHistory(time.deps.temporal, keys.handle(extended).workflowId, 'keyRotation-v1-extended');
  });

  it('a key that expires or is revoked in its grace ends the rotation, and no end of it is put off', async () => {
    const [expiring, revoked] = [await keys.key({ expiresAt: new Date(time.deps.clock.now().getTime() + DAY_MS) }), await keys.key()];
    for (const id of [expiring, revoked]) await keys.rotate(id, { graceSeconds: 7 * 86_400 });
    await keys.change(revoked, { revokedAt: time.deps.clock.now() });
    await keys.relay();
    for (const id of [expiring, revoked]) await time.untilEnd(keys.handle(id));
    expect((await keys.rotation(expiring)).endReason).to.equal('expired');
    const { retiresAt, expiresAt } = await keys.read(expiring);
    expect(retiresAt).to.deep.equal(expiresAt);
    expect((await keys.rotation(revoked)).endReason).to.equal('revoked');
  });
});
