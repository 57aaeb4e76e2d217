import { expect } from 'chai';
import { withTenant } from '../../../db/tenancy.ts';
import { newId } from '../../../server/ids.ts';
import { IDENTITY_BACKLOG, measureIdentityBacklog } from '../../../services/health/identityBacklog.ts';
import type { IdentityBacklog } from '../../../services/health/identityBacklog.ts';
import { useDatabase } from '../../support/database.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';

const NOTHING: IdentityBacklog = {
  oldestMailSeconds: 0,
  mailsWaiting: 0,
  keyRotationOverdueSeconds: 0,
  encryptionRotationIdleSeconds: 0,
  deletionOverdueSeconds: 0,
  domainCheckOverdueSeconds: 0,
  signingKeyAgeSeconds: 0,
  accountsLocked: 0,
  networksLocked: 0,
};

describe('what of identity and keys waits', () => {
  const database = useDatabase();
  const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1_000);
  const measure = (): Promise<IdentityBacklog> => database.system.transaction((trx) => measureIdentityBacklog(trx));
  const around = (found: number, seconds: number): void => {
    expect(found).to.be.within(seconds - 1, seconds + 30);
  };

  beforeEach(async () => {
    for (const table of ['mails', 'auth_throttles']) await database.system(table).delete();
    await database.system('encryption_key_rotations').whereNull('finished_at').update({ finished_at: new Date(), outcome: 'done' });
  });

  it('is nothing on an installation where all is done, or due later', async () => {
    expect(await measure()).to.deep.equal(NOTHING);
    await database
      .system('encryption_key_rotations')
      .insert({ id: newId(), kind: 'master', key_id: 'k1', phase: 'reseal', next_step_at: ago(-60) });
    await createOrganization(database).then(({ orgId }) =>
      database
        .system('organizations')
        .where({ id: orgId })
        .update({ deleted_at: ago(5), deletion_due_at: ago(-60), deletion_next_at: ago(-60) }),
    );
    expect(await measure()).to.deep.equal(NOTHING);
  });

  it('mails: their number, and the age of the oldest, whenever its next try is; not those that ended', async () => {
    const mail = { for_user_id: newId(), template: 'test', sealed: Buffer.from('x'), give_up_at: ago(-600), next_attempt_at: ago(-300) };
    const ended = { status: 'sent', sealed: null, finished_at: ago(1) };
    await database.system('mails').insert([
      { ...mail, id: newId(), created_at: ago(500) },
      { ...mail, id: newId(), created_at: ago(100), status: 'retrying' },
      { ...mail, ...ended, id: newId(), created_at: ago(9_000) },
    ]);
    const { oldestMailSeconds, mailsWaiting } = await measure();
    around(oldestMailSeconds, 500);
    expect(mailsWaiting).to.equal(2);
  });

  it('rotations of keys whose end is over and not on record, and no others', async () => {
    const own = await createOrganization(database);
    const keys = await Promise.all(Array.from({ length: 6 }, () => createApiKey(database, own)));
    const rotation = (at: number, ends: Date, rest: object = {}) => ({
      org_id: own.orgId,
      id: newId(),
      old_key_id: keys[at]!.id,
      new_key_id: keys[at + 1]!.id,
      cause: 'request',
      grace_ends_at: ends,
      ends_at: ends,
      created_at: ago(9_000),
      updated_at: ago(9_000),
      ...rest,
    });
    const rows = [
      rotation(0, ago(400)),
      rotation(2, ago(-400)),
      rotation(4, ago(8_000), { state: 'finished', ended_at: ago(8_000), end_reason: 'grace_over' }),
    ];
    await withTenant(database.app, own.orgId, (trx) => trx('key_rotations').insert(rows));
    around((await measure()).keyRotationOverdueSeconds, 400);
  });

  it('rotations of encryption keys without progress, and deletions whose next step is overdue', async () => {
    const idle = { id: newId(), kind: 'master', key_id: 'k1', phase: 'reseal', next_step_at: ago(900), updated_at: ago(700) };
    await database.system('encryption_key_rotations').insert(idle);
    const { orgId } = await createOrganization(database);
    await database
      .system('organizations')
      .where({ id: orgId })
      .update({ deleted_at: ago(9_000), deletion_due_at: ago(600), deletion_next_at: ago(600) });
    const { encryptionRotationIdleSeconds, deletionOverdueSeconds } = await measure();
    around(encryptionRotationIdleSeconds, 700);
    around(deletionOverdueSeconds, 600);
    await database.system('organizations').where({ id: orgId }).update({ deletion_next_at: null });
  });

  it('domains that nobody looked at in time, of those that are verified, and the age of the newest key that signs', async () => {
    const { orgId } = await createOrganization(database);
    const domain = (name: string, status: string, nextCheckAt: Date | null) => {
      const at = { verified_at: ago(9_000), next_check_at: nextCheckAt, created_at: ago(9_000), updated_at: ago(9_000) };
      return { org_id: orgId, id: newId(), domain: name, challenge: 'x', status, ...at };
    };
    const domains = [
      domain('late.example', 'verified', ago(4_000)),
      domain('early.example', 'verified', ago(-4_000)),
      domain('gone.example', 'lapsed', null),
    ];
    await withTenant(database.app, orgId, (trx) => trx('domains').insert(domains));
    const key = (kid: string, activatesAt: Date) => ({
      kid,
      public_jwk: {},
      sealed_private_key: Buffer.from('x'),
      activates_at: activatesAt,
    });
    await database.system('signing_keys').insert([key('old', ago(9_000)), key('new', ago(5_000))]);
    const { domainCheckOverdueSeconds, signingKeyAgeSeconds } = await measure();
    around(domainCheckOverdueSeconds, 4_000);
    around(signingKeyAgeSeconds, 5_000);
    await database.system('signing_keys').insert(key('published', ago(-60)));
    expect(await measure(), 'the rotation is under way').to.include({ signingKeyAgeSeconds: 0 });
  });

  it('accounts and networks that are locked now, apart', async () => {
    const row = (subject: string, lockedFor: number | null) => ({
      subject,
      count: 9,
      window_ends_at: ago(-9_000),
      locked_until: lockedFor === null ? null : ago(-lockedFor),
    });
    await database
      .system('auth_throttles')
      .insert([
        row('password:a', 60),
        row('password:b', -60),
        row('password:c', null),
        row('second_factor:d', 60),
        row('address:e', 60),
        row('mailbox:f', 60),
      ]);
    expect(await measure()).to.include({ accountsLocked: 2, networksLocked: 1 });
  });

  it('reads indexes alone: it runs every quarter of a minute', async () => {
    const plan = await database.system.transaction(async (trx) => {
      await trx.raw('SET LOCAL enable_seqscan = off');
      const { rows } = await trx.raw<{ rows: object[] }>(`EXPLAIN ${IDENTITY_BACKLOG}`);
      return JSON.stringify(rows);
    });
    for (const index of ['mails_waiting', 'key_rotations_overlapping', 'organizations_ending', 'auth_throttles_locked', 'domains_due'])
      expect(plan).to.contain(index);
    expect(plan).not.to.match(/Seq Scan on (mails|key_rotations|organizations|auth_throttles|domains)/);
  });
});
