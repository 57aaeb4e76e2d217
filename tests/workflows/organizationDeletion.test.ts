import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { typeId } from '../../server/ids.ts';
import { keepDeletion } from '../../services/organizations/deletion/keep.ts';
import { requestDeletion } from '../../services/organizations/deletion/request.ts';
import { restoreOrganization } from '../../services/organizations/deletion/restore.ts';
import type { Actor } from '../../services/context.ts';
import { findStalledDeletions } from '../../services/outbox/deletions.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import { workflowId } from '../../workflows/organizationDeletion/contract.ts';
import { useDatabase } from '../support/database.ts';
import { createPerson, joinOrganization } from '../support/people.ts';
import type { TestPerson } from '../support/people.ts';
import { recordHistory } from '../support/recordHistory.ts';
import { TestTenant } from '../support/tenant.ts';
import { useTimeSkipping } from '../support/timeSkipping.ts';

const DAY_MS = 86_400_000;

describe('organizationDeletion', function () {
  this.timeout(60_000);
  const database = useDatabase();
  const time = useTimeSkipping(database);
  let tenant: TestTenant;
  let owner: TestPerson;
  beforeEach(async () => {
    tenant = await TestTenant.create(database);
    owner = await createPerson(database);
    await joinOrganization(database, { orgId: tenant.orgId, actor: tenant.actor } as Parameters<typeof joinOrganization>[1], owner, [
      'owner',
    ]);
  });

  const actor = (): Actor => ({
    ...tenant.actor,
    type: 'user',
    id: owner.userId,
    session: {
      id: owner.userId,
      email: owner.email,
      membershipId: owner.userId,
      amr: ['pwd'],
      authTime: time.deps.clock.now(),
      mfaAt: null,
    },
  });
  const handle = () => time.deps.temporal.workflow.getHandle(workflowId({ orgId: typeId('org', tenant.orgId) }));
  const ended = () => time.untilEnd(handle());
  const restore = () => runInTenant(time.deps, actor(), restoreOrganization);
  const ask = async () => {
    const { promise } = await runInTenant(time.deps, actor(), (context) => requestDeletion(context, { recoveryDays: 30 }));
    await keepDeletion(time.deps, promise);
  };
  const row = async () =>
    (await database.system('organizations').where({ id: tenant.orgId }).first()) as Record<string, Date | string | number | null>;
  const mails = () =>
    database
      .system('mails')
      .where({ for_org_id: tenant.orgId, for_user_id: owner.userId })
      .pluck('id')
      .then((ids: string[]) => ids.length);

  /** What a timer starts is done some milliseconds after it fired. */
  const warned = async (times: number) => {
    while ((await mails()) < times) await sleep(20);
  };

  it('warns owners at once, seven days and one day before, erases after 30 days, and ends with a tombstone', async () => {
    await tenant.webhook({});
    await tenant.publish({ data: { lead: 1 } }, { data: { lead: 2 } });
    await ask();
    expect(await mails()).to.equal(1);
    await time.pass(22 * DAY_MS);
    expect([await mails(), (await row())['deletion_warnings']]).to.deep.equal([1, 0]);
    await time.pass(2 * DAY_MS);
    await warned(2);
    expect([await mails(), (await row())['deletion_warnings']]).to.deep.equal([2, 1]);
    await time.pass(5.5 * DAY_MS);
    await warned(3);
    expect([await mails(), (await row())['deletion_warnings']]).to.deep.equal([3, 2]);
    expect(await tenant.rows('events')).to.have.length(2);
    await time.pass(DAY_MS);
    await ended();
    expect(await row())
      .to.include({ name: 'Erased organization', deletion_next_at: null })
      .and.to.have.property('erased_at')
      .not.equal(null);
    for (const table of ['events', 'webhook_endpoints', 'memberships', 'api_keys', 'data_keys', 'outbox']) {
      expect(await database.system(table).where({ org_id: tenant.orgId }), table).to.deep.equal([]);
    }
    expect(await database.system('audit_leaf').where({ org_id: tenant.orgId })).not.to.deep.equal([]);
    await recordHistory(time.deps.temporal, handle().workflowId, 'organizationDeletion-v1-erased');
  });

  it('ends when the organization is restored, and nothing is gone; deleted again it begins anew', async () => {
    await ask();
    await time.pass(10 * DAY_MS);
    await keepDeletion(time.deps, (await restore()).promise);
    await ended();
    await time.pass(40 * DAY_MS);
    expect(await row()).to.include({ deleted_at: null, deletion_due_at: null, erased_at: null });
    await ask();
    expect((await handle().describe()).status.name).to.equal('RUNNING');
    await keepDeletion(time.deps, (await restore()).promise);
    await ended();
  });

  it('a restore that the workflow was never told of is seen at its next step', async () => {
    await ask();
    await time.pass(DAY_MS);
    await restore();
    await ended();
    expect(await row()).to.include({ deleted_at: null, erased_at: null });
  });

  it('what a process promised and did not do is in the outbox; a lost workflow is found when its next step is overdue', async () => {
    await runInTenant(time.deps, actor(), (context) => requestDeletion(context, { recoveryDays: 30 }));
    expect(await tenant.rows('outbox', { topic: 'organization.deletion' })).to.have.length(1);
    await database
      .system('organizations')
      .where({ id: tenant.orgId })
      .update({ deletion_next_at: new Date(Date.now() - 3_600_000) });
    const stalled = await database.system.transaction((trx) => findStalledDeletions(trx, { overdueMs: 60_000, limit: 1_000 }));
    expect(stalled.map(({ orgId }) => orgId)).to.include(tenant.orgId);
  });
});
