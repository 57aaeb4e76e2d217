import { expect } from 'chai';
import { withUser } from '../../db/tenancy.ts';
import { newId, typeId } from '../../server/ids.ts';
import { recordOf } from '../../services/domains/challenge.ts';
import { createDomain } from '../../services/domains/create.ts';
import { getDomain } from '../../services/domains/find.ts';
import { keepVerification } from '../../services/domains/keepVerification.ts';
import { deleteDomain } from '../../services/domains/delete.ts';
import { verifyDomain } from '../../services/domains/verify.ts';
import { findStalledVerifications, VERIFICATION_TOPIC } from '../../services/outbox/verifications.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import { workflowId } from '../../workflows/domainVerification/contract.ts';
import type { Domain } from '../../db/models/Domain.ts';
import { useDatabase } from '../support/database.ts';
import { startDnsServer } from '../support/dnsServer.ts';
import type { DnsServer } from '../support/dnsServer.ts';
import { createOrganization } from '../support/factories.ts';
import type { TestOrganization } from '../support/factories.ts';
import { waitingMails } from '../support/mailbox.ts';
import { recordHistory } from '../support/recordHistory.ts';
import { useTimeSkipping } from '../support/timeSkipping.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('domainVerification on skipped time', function () {
  this.timeout(60_000);
  const database = useDatabase();
  let dns: DnsServer;
  const zone = new Map<string, string[]>();
  let away = false;
  before('start the name server', async () => {
    dns = await startDnsServer();
    dns.answer(({ name }) => (away ? 'SERVFAIL' : zone.has(name) ? { texts: zone.get(name)! } : 'NXDOMAIN'));
  });
  after(() => dns.close());
  const time = useTimeSkipping(database, () => ({ DOMAIN_DNS_SERVERS: dns.address }));
  let organization: TestOrganization;
  let ownerEmail: string;
  before(async () => {
    organization = await createOrganization(database);
    const { ownerUserId } = organization;
    await withUser(database.app, ownerUserId, (trx) => trx('users').update({ email_verified_at: new Date() }));
    ownerEmail = (await database.system('users').where({ id: ownerUserId }).first<{ email: string }>('email')).email;
  });

  const inTenant = <T>(work: Parameters<typeof runInTenant<T>>[2]): Promise<T> => runInTenant(time.deps, organization.actor, work);
  const verified = async (name: string, { start = true } = {}): Promise<Domain> => {
    const domain = await inTenant((tenant) => createDomain(tenant, name));
    const { name: record, value } = recordOf(domain);
    zone.set(record, [value]);
    const { promise } = await inTenant((tenant) => verifyDomain(tenant, domain.id, { challenge: domain.challenge, outcome: 'proven' }));
    if (start) await keepVerification(time.deps, promise!);
    return domain;
  };
  const read = ({ id }: Domain) => inTenant((tenant) => getDomain(tenant, id));
  const handle = ({ id }: Domain) =>
    time.deps.temporal.workflow.getHandle(workflowId({ orgId: typeId('org', organization.orgId), domainId: typeId('dom', id) }));
  const subjects = async (): Promise<string[]> => (await waitingMails(database, ownerEmail)).map(({ subject }) => subject);

  it('is looked at every day, and lapses when the record is gone for the third: the owners hear of the first day and of the last', async () => {
    const domain = await verified('acme.example');
    await time.pass(3.5 * DAY_MS);
    expect(await read(domain)).to.include({ status: 'verified', failures: 0 });
    const { confirmedAt } = await read(domain);
    expect(time.deps.clock.now().getTime() - confirmedAt!.getTime()).to.be.lessThan(DAY_MS);
    zone.delete(recordOf(domain).name);
    await time.pass(DAY_MS);
    expect(await read(domain)).to.include({ status: 'verified', failures: 1, lastFailure: 'missing' });
    expect(await subjects()).to.deep.equal(['The DNS record of acme.example is missing']);
    await time.untilEnd(handle(domain));
    expect(await read(domain)).to.include({ status: 'lapsed', failures: 3, nextCheckAt: null });
    expect(await subjects()).to.deep.equal(['The DNS record of acme.example is missing', 'acme.example is not verified any more']);
    const entries = await database.system('audit_view').where({ action: 'domains.lapsed', target_id: typeId('dom', domain.id) });
    expect(entries.map(({ severity, reason }) => [severity, reason])).to.deep.equal([['warning', 'missing']]);
    const counts = (await time.deps.metrics.domainChecks.get()).values.map(({ labels, value }) => [labels.outcome, value]);
    expect(Object.fromEntries(counts)).to.deep.equal({ proven: 3, missing: 3, unreachable: 0 });
    await recordHistory(time.deps.temporal, handle(domain).workflowId, 'domainVerification-v1-lapsed');
    const history = JSON.stringify(await handle(domain).fetchHistory(), (_key, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
    );
    for (const part of ['acme.example', domain.challenge, ownerEmail]) expect(history).not.to.include(part);
  });

  it('a record that comes back in time counts as never gone', async () => {
    const domain = await verified('back.example');
    const { name, value } = recordOf(domain);
    zone.delete(name);
    await time.pass(2.5 * DAY_MS);
    expect(await read(domain)).to.include({ status: 'verified', failures: 2 });
    zone.set(name, [value]);
    await time.pass(DAY_MS);
    expect(await read(domain)).to.include({ status: 'verified', failures: 0, lastFailure: null });
    await inTenant((tenant) => deleteDomain(tenant, domain.id));
    await time.untilEnd(handle(domain));
  });

  it('name servers that do not answer are asked every six hours, and end the verification after a week only', async () => {
    const domain = await verified('silent.example');
    away = true;
    await time.pass(6.5 * DAY_MS);
    expect(await read(domain)).to.include({ status: 'verified', failures: 0, lastFailure: 'unreachable' });
    await time.untilEnd(handle(domain));
    away = false;
    expect(await read(domain)).to.include({ status: 'lapsed', lastFailure: 'unreachable' });
  });

  it('a workflow that was never started, or lost, is found: by its promise, and when it is overdue', async () => {
    const domain = await verified('lost.example', { start: false });
    const promised = await database.system('outbox').where({ topic: VERIFICATION_TOPIC, subject_id: domain.id });
    expect(promised).to.have.length(1);
    await database
      .system('domains')
      .where({ id: domain.id })
      .update({ next_check_at: new Date(Date.now() - HOUR_MS) });
    const stalled = await database.system.transaction((trx) => findStalledVerifications(trx, { overdueMs: 60_000, limit: 10 }));
    expect(stalled).to.deep.include({ orgId: organization.orgId, domainId: domain.id, outboxIds: [] });
    await keepVerification(time.deps, {
      orgId: organization.orgId,
      domainId: domain.id,
      outboxIds: promised.map(({ id }) => id as string),
    });
    expect(await database.system('outbox').where({ subject_id: domain.id })).to.deep.equal([]);
    expect((await handle(domain).describe()).status.name).to.equal('RUNNING');
    await handle(domain).terminate();
    await keepVerification(time.deps, { orgId: organization.orgId, domainId: newId(), outboxIds: [] });
  });
});
