import { expect } from 'chai';
import { systemClock } from '../../../server/clock.ts';
import { typeId } from '../../../server/ids.ts';
import { withTenant } from '../../../db/tenancy.ts';
import { appendAudit, appendAuditBatch } from '../../../services/audit/append.ts';
import { decodeDisclosure, digestOf, openDisclosure } from '../../../services/audit/disclosure.ts';
import type { AuditInput } from '../../../services/audit/entry.ts';
import { leafHash } from '../../../services/audit/leaf.ts';
import { createSubjectKeys } from '../../../services/audit/subjectKeys.ts';
import type { Actor, TenantContext } from '../../../services/context.ts';
import { createVault } from '../../../services/crypto/vault.ts';
import { AppError } from '../../../services/errors/AppError.ts';
import { runInTenant } from '../../../services/runInTenant.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { TEST_SECRETS } from '../../support/testConfig.ts';

const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
const subjectKeys = createSubjectKeys(vault);
const TABLES = ['audit_leaf', 'audit_body', 'audit_disclosure', 'audit_view', 'audit_subject_links', 'audit_keys'];
const CHANGE: AuditInput = {
  action: 'webhooks.update',
  category: 'system_config',
  targets: [{ type: 'webhook', id: 'whk_1', name: 'Hook' }],
  before: { url: 'https://a.example/' },
  after: { url: 'https://b.example/' },
};

interface Leaf {
  actor: { _sd: string[] };
  targets: { _sd: string[] }[];
  chg: { _sd: string[] };
}

describe('audit append', () => {
  const database = useDatabase();
  let actor: Actor;

  beforeEach(async () => {
    actor = { ...(await createOrganization(database)).actor, ip: '203.0.113.7', userAgent: 'test', requestId: 'req_1' };
  });

  const inTenant = <T>(work: (tenant: TenantContext) => Promise<T>): Promise<T> =>
    runInTenant({ knex: database.app, clock: systemClock, vault, subjectKeys }, actor, work);
  const rows = <T extends object>(table: string, where: object, orgId = actor.orgId): Promise<T[]> =>
    withTenant(database.app, orgId, async (trx) => (await trx(table).where(where)) as T[]);
  const counts = (): Promise<number[]> => Promise.all(TABLES.map(async (table) => (await rows(table, {})).length));

  it('writes leaf, body, disclosures, view and links of one entry, and the hash is that of the body', async () => {
    const id = await inTenant((tenant) => appendAudit(tenant, CHANGE));
    const [leaf] = await rows<{ leaf_hash: Buffer; class: string; xid: string }>('audit_leaf', { id });
    const [body] = await rows<{ leaf_data: Buffer }>('audit_body', { entry_id: id });
    expect(leaf!.leaf_hash.equals(leafHash(body!.leaf_data))).to.equal(true);
    expect(leaf!.class).to.equal('system_config');
    expect(await rows('audit_disclosure', { entry_id: id })).to.have.length(3);
    expect(await rows('audit_subject_links', { entry_id: id })).to.have.length(1);
    const [view] = await rows<Record<string, unknown>>('audit_view', { entry_id: id });
    expect(view).to.include({ action: 'webhooks.update', severity: 'info', outcome: 'success', reason: null, workflow_id: null });
    expect(view).to.include({ actor_type: 'api_key', actor_id: typeId('key', actor.id), actor_ip: '203.0.113.7', user_agent: 'test' });
    expect(view).to.include({ target_type: 'webhook', target_id: 'whk_1', request_id: 'req_1', actor_name: 'First key' });
  });

  it('commits in the leaf to exactly what the stored disclosures hold', async () => {
    const id = await inTenant((tenant) => appendAudit(tenant, CHANGE));
    const leaf = JSON.parse((await rows<{ leaf_data: Buffer }>('audit_body', { entry_id: id }))[0]!.leaf_data.toString()) as Leaf;
    const subjects = [`api_key:${typeId('key', actor.id)}`, 'webhook:whk_1'];
    const keys = await inTenant(({ trx }) => subjectKeys.of(trx, actor.orgId, subjects));
    const opened = new Map<string, { digest: string; value: unknown }>();
    for (const row of await rows<{ path: string; subject_ref: string; enc_disclosure: Buffer }>('audit_disclosure', { entry_id: id })) {
      const key = [...keys.values()].find(({ ref }) => ref === row.subject_ref)!;
      const encoded = openDisclosure(key, id, row.path, row.enc_disclosure);
      opened.set(row.path, { digest: digestOf(encoded), value: decodeDisclosure(encoded)[2] });
    }
    expect(leaf.actor._sd).to.deep.equal([opened.get('actor')!.digest]);
    expect(leaf.targets[0]!._sd).to.deep.equal([opened.get('targets/0')!.digest]);
    expect(leaf.chg._sd).to.deep.equal([opened.get('chg')!.digest]);
    expect(opened.get('chg')!.value).to.deep.equal({ before: CHANGE.before, after: CHANGE.after });
    expect(opened.get('actor')!.value).to.deep.include({ name: 'First key', ip: '203.0.113.7' });
  });

  it('leaves nothing behind when the transaction that it reports on fails', async () => {
    const before = await counts();
    const failed = await inTenant(async (tenant) => {
      await appendAudit(tenant, CHANGE);
      throw new Error('the rest failed');
    }).catch((error: unknown) => error);
    expect(failed).to.be.an('error').with.property('message', 'the rest failed');
    expect(await counts()).to.deep.equal(before);
  });

  it('writes 300 entries with one statement, and returns their ids in order', async () => {
    await inTenant((tenant) => appendAudit(tenant, CHANGE));
    await inTenant(({ trx }) => subjectKeys.of(trx, actor.orgId, [`api_key:${typeId('key', actor.id)}`]));
    const reports = Array.from({ length: 300 }, (_, i) => ({
      actor,
      input: { action: 'events.publish', category: 'data_modification' as const, targets: [{ type: 'event', id: `evt_${i}` }] },
    }));
    const queries: string[] = [];
    const ids = await inTenant((tenant) => {
      tenant.trx.on('query', ({ sql }: { sql: string }) => sql !== 'COMMIT;' && queries.push(sql));
      return appendAuditBatch(tenant.trx, reports, tenant);
    });
    expect(queries).to.have.length(1);
    const views = await rows<{ entry_id: string; target_id: string }>('audit_view', { action: 'events.publish' });
    const targets = new Map(views.map((view) => [view.entry_id, view.target_id]));
    expect(ids.map((id) => targets.get(id))).to.deep.equal(reports.map((_, i) => `evt_${i}`));
  });

  it('writes nothing for an empty batch', async () => {
    expect(await inTenant((tenant) => appendAuditBatch(tenant.trx, [], tenant))).to.deep.equal([]);
  });

  it('tells the caller when a text cannot be kept, instead of failing in the database', async () => {
    for (const name of ['a\u0000b', '\ud800']) {
      const error = await inTenant((tenant) => appendAudit(tenant, { ...CHANGE, after: { name } })).catch((caught: unknown) => caught);
      expect(error).to.be.instanceOf(AppError).with.property('code', 'validation_failed');
    }
  });

  it('shows an organization none of another’s entries', async () => {
    const id = await inTenant((tenant) => appendAudit(tenant, CHANGE));
    const stranger = await createOrganization(database);
    for (const [table, column] of [
      ['audit_leaf', 'id'],
      ['audit_body', 'entry_id'],
      ['audit_disclosure', 'entry_id'],
      ['audit_view', 'entry_id'],
      ['audit_subject_links', 'entry_id'],
    ] as const) {
      expect(await rows(table, { [column]: id }), table).to.have.length.above(0);
      expect(await rows(table, { [column]: id }, stranger.orgId), table).to.deep.equal([]);
    }
  });
});
