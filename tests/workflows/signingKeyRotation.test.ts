import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { keepSigningKeys } from '../../activities/auth/keepSigningKeys.ts';
import { newId } from '../../server/ids.ts';
import { ACCESS_TOKEN_SECONDS, CLOCK_TOLERANCE_SECONDS, createAccessTokens } from '../../services/auth/accessTokens.ts';
import { keepSigningKeySchedule } from '../../services/auth/lifecycle.ts';
import { createKeyRing } from '../../services/auth/signingKeys/keyRing.ts';
import { publishSigningKey } from '../../services/auth/signingKeys/rotate.ts';
import { AppError } from '../../services/errors/AppError.ts';
import { NAME, SCHEDULE_ID, TASK_QUEUE } from '../../workflows/signingKeyRotation/contract.ts';
import type { Args } from '../../workflows/signingKeyRotation/contract.ts';
import { useDatabase } from '../support/database.ts';
import { recordHistory } from '../support/recordHistory.ts';
import { useWorker } from '../support/worker.ts';

describe('signingKeyRotation', function () {
  this.timeout(30_000);
  const database = useDatabase();
  after(() => worker.deps.temporal.schedule.getHandle(SCHEDULE_ID).delete());
  const worker = useWorker(database);

  /** The keys and tokens of a process that reads the keys now. */
  const process = () => {
    const keyRing = createKeyRing({ ...worker.deps, knex: database.app });
    return { keyRing, tokens: createAccessTokens({ keyRing, clock: worker.deps.clock, issuer: 'test' }) };
  };
  const session = { id: newId(), userId: newId(), amr: ['pwd'], authTime: new Date() };
  const signer = async (): Promise<string> => (await process().keyRing.signer()).kid;
  const published = async (): Promise<string[]> => (await process().keyRing.published()).map(({ kid }) => kid);

  it('processes that start at the same moment make one first key', async () => {
    const kids = await Promise.all(Array.from({ length: 5 }, signer));
    expect(await database.system('signing_keys').pluck('kid')).to.deep.equal([...new Set(kids)]);
  });

  it('publishes a key before it signs, trusts the old one until its tokens are over, then removes it', async () => {
    const old = await signer();
    const { token } = await process().tokens.issue(session, null);
    // Each is looked at while it lasts, also on a machine that other work loads.
    const args: Args = { v: 1, leadSeconds: 3, overlapSeconds: 4 };
    const handle = await worker.deps.temporal.workflow.start(NAME, { workflowId: `${NAME}-whole`, taskQueue: TASK_QUEUE, args: [args] });
    while ((await published()).length < 2) await sleep(20);
    expect(await signer()).to.equal(old);
    while ((await signer()) === old) await sleep(20);
    expect((await process().tokens.verify(token)).sessionId).to.equal(session.id);
    expect(await published())
      .to.have.length(2)
      .and.include(old);
    await handle.result();
    expect(await published()).to.deep.equal([await signer()]);
    expect(await database.system('signing_keys').pluck('kid')).to.deep.equal([await signer()]);
    const refusal = await process()
      .tokens.verify(token)
      .catch((error: unknown) => error);
    expect((refusal as AppError).code).to.equal('invalid_access_token');
    await recordHistory(worker.deps.temporal, handle.workflowId, 'signingKeyRotation-v1-replaced');
  });

  it('a repeat of the first step finds the key that was made, and gives the earlier ones one end', async () => {
    const rotation = { leadSeconds: 3_600, overlapSeconds: 900, since: new Date() };
    const publish = () => database.system.transaction((trx) => publishSigningKey(trx, worker.deps, rotation));
    const [first, second] = [await publish(), await publish()];
    expect(second).to.deep.equal(first);
    expect(await database.system('signing_keys').pluck('kid')).to.have.length(2);
    expect(first.retiresAt.getTime() - first.activatesAt.getTime()).to.equal(900_000);
  });

  it('a rotation without lead and overlap ends every other key at once, whatever an earlier one promised them', async () => {
    const { token } = await process().tokens.issue(session, null);
    const rotation = { leadSeconds: 0, overlapSeconds: 0, since: new Date() };
    const { kid } = await database.system.transaction((trx) => publishSigningKey(trx, worker.deps, rotation));
    expect(await published()).to.deep.equal([kid]);
    const refusal = await process()
      .tokens.verify(token)
      .catch((error: unknown) => error);
    expect((refusal as AppError).code).to.equal('invalid_access_token');
  });

  it('is scheduled once for the installation, and again when the schedule was lost; what operations paused stays so', async () => {
    await keepSigningKeySchedule(worker.deps.temporal);
    const schedule = worker.deps.temporal.schedule.getHandle(SCHEDULE_ID);
    await schedule.pause('maintenance');
    const stopping = new AbortController();
    await keepSigningKeys({ ...worker.deps, stopping: stopping.signal }, 50);
    const { state, spec, policies, action } = await schedule.describe();
    expect([state.paused, policies.overlap, spec.intervals?.[0]?.every]).to.deep.equal([true, 'SKIP', 30 * 86_400_000]);
    const [args] = action.args as [Args];
    expect(args.leadSeconds).to.be.at.least(3_600);
    expect(args.overlapSeconds).to.be.greaterThan(ACCESS_TOKEN_SECONDS + CLOCK_TOLERANCE_SECONDS + 60);
    await schedule.delete();
    while (!(await schedule.describe().catch(() => null))) await sleep(20);
    stopping.abort();
  });
});
