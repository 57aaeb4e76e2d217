import { expect } from 'chai';
import { newId } from '../../../server/ids.ts';
import { systemClock } from '../../../server/clock.ts';
import { withTenant } from '../../../db/tenancy.ts';
import { createSubjectKeys } from '../../../services/audit/subjectKeys.ts';
import { headerOf } from '../../../services/crypto/envelope.ts';
import { SEALED_COLUMNS, nameOf } from '../../../services/crypto/sealedColumns.ts';
import { createVault, VaultError } from '../../../services/crypto/vault.ts';
import { AppError } from '../../../services/errors/AppError.ts';
import { readChunk } from '../../../services/encryptionKeys/readChunk.ts';
import { replaceSealed } from '../../../services/encryptionKeys/replaceSealed.ts';
import type { KeyRotation } from '../../../services/encryptionKeys/rotation.ts';
import { operator, startDataRotation, startMasterRotation } from '../../../services/encryptionKeys/start.ts';
import { encryptionStatus } from '../../../services/encryptionKeys/status.ts';
import { stepRotation } from '../../../services/encryptionKeys/step.ts';
import { secretContext } from '../../../services/webhooks/secrets.ts';
import { auditedChanges } from '../../support/auditedChanges.ts';
import { useDatabase } from '../../support/database.ts';
import { TestTenant } from '../../support/tenant.ts';
import { TEST_SECRETS } from '../../support/testConfig.ts';

const OLD = TEST_SECRETS.ENCRYPTION_KEYS;
const OLD_ID = OLD.split(':')[0]!;
const keyNamed = (id: string, fill: number): string => `${id}:${Buffer.alloc(32, fill).toString('base64')}`;
const SECRETS = SEALED_COLUMNS.find((column) => nameOf(column) === 'webhook_secrets.sealed')!;

describe('rotation of encryption keys', function () {
  this.timeout(30_000);
  const database = useDatabase();
  let tenant: TestTenant;
  let webhook: { id: string; secret: string };
  beforeEach(async () => {
    tenant = await TestTenant.create(database);
    webhook = await tenant.webhook({ headers: { 'X-Key': 'very-private' } });
  });
  afterEach(() =>
    database.system('encryption_key_rotations').whereNull('finished_at').update({ outcome: 'incomplete', finished_at: new Date() }),
  );

  /** A process of its own: nothing is cached. */
  const process = (encryptionKeys: string) => {
    const vault = createVault(encryptionKeys);
    const shared = { vault, clock: systemClock, subjectKeys: createSubjectKeys(vault), propagationMs: 0 };
    return { ...shared, system: database.system, actorIn: operator };
  };
  const step = (encryptionKeys: string, id: string, propagationMs = 0): Promise<KeyRotation> =>
    database.system.transaction(async (trx) => (await stepRotation(trx, { ...process(encryptionKeys), propagationMs }, id))!);
  /** Each step by another process, as after a kill -9 at every one of them. */
  async function finish(encryptionKeys: string, id: string): Promise<KeyRotation> {
    for (;;) {
      const rotation = await step(encryptionKeys, id);
      if (rotation.outcome !== null) return rotation;
      if (rotation.waitMs > 0)
        await database
          .system('encryption_key_rotations')
          .where({ id })
          .update({ next_step_at: new Date(0) });
    }
  }
  const secretRow = async (): Promise<{ id: string; sealed: Buffer }> =>
    (await tenant.rows<{ id: string; sealed: Buffer }>('webhook_secrets'))[0]!;
  async function openSecret(encryptionKeys: string): Promise<string> {
    const { id, sealed } = await secretRow();
    const vault = await withTenant(database.app, tenant.orgId, (trx) => createVault(encryptionKeys).of(trx, tenant.orgId));
    return vault.open(sealed, secretContext(tenant.orgId, id)).toString('utf8');
  }
  const activeKey = async (): Promise<string> =>
    (await tenant.rows<{ id: string; state: string }>('data_keys')).find(({ state }) => state === 'active')!.id;

  describe('of the master key', () => {
    it('wraps every data key again and converts what the master key sealed itself; then nothing needs the old one', async () => {
      const { id, sealed } = await secretRow();
      const context = secretContext(tenant.orgId, id);
      await tenant.update('webhook_secrets', { id }, () => ({ sealed: createVault(OLD).seal(webhook.secret, context) }));
      const keys = `${keyNamed('next', 2)},${OLD}`;
      const before = await encryptionStatus(database.system, createVault(keys));
      expect(before.master_keys.find((key) => key.id === OLD_ID)).to.deep.include({ removable: false, seals: false });
      const rotation = await finish(keys, await startMasterRotation(process(keys)));
      expect(rotation).to.include({ outcome: 'done', passOutdated: 0, passUnreadable: 0 });
      expect((await secretRow()).sealed.subarray(0, 17)).to.deep.equal(sealed.subarray(0, 17));
      const after = await encryptionStatus(database.system, createVault(keys));
      expect(after.master_keys.find((key) => key.id === OLD_ID)).to.deep.equal({
        id: OLD_ID,
        in_encryption_keys: true,
        seals: false,
        removable: true,
        needed_by: {},
      });
      expect(await openSecret(keyNamed('next', 2))).to.equal(webhook.secret);
      const back = `${OLD},${keyNamed('next', 2)}`;
      await finish(back, await startMasterRotation(process(back)));
      const told = await auditedChanges(database, tenant.orgId, 'encryption_keys.rewrapped');
      expect(told.map((change) => change['master_key_id'])).to.deep.equal(['next', OLD_ID]);
    });

    it('refuses to begin while a key is needed that ENCRYPTION_KEYS does not hold, and names it', async () => {
      const error: unknown = await startMasterRotation(process(keyNamed('next', 2))).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(AppError).with.property('code', 'conflict');
      expect((error as AppError).detail)
        .to.contain(`"${OLD_ID}"`)
        .and.contain('data_keys.wrapped');
      expect(await database.system('encryption_key_rotations').whereNull('finished_at')).to.deep.equal([]);
    });

    it('is not done by a worker that does not seal with the new key yet', async () => {
      const keys = `${keyNamed('next', 2)},${OLD}`;
      const id = await startMasterRotation(process(keys));
      const error: unknown = await step(OLD, id).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(VaultError);
      expect(String(error)).to.contain('"next"');
    });

    it('runs once: a second command finds the first, and one to another key is refused while it runs', async () => {
      const keys = `${keyNamed('next', 2)},${OLD}`;
      const id = await startMasterRotation(process(keys));
      expect(await startMasterRotation(process(keys))).to.equal(id);
      const error: unknown = await startMasterRotation(process(`${keyNamed('third', 3)},${OLD}`)).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(AppError).with.property('code', 'conflict');
    });

    it('a value that was altered stays as it is, is counted, and keeps the rotation from being called done', async () => {
      const { id, sealed } = await secretRow();
      const broken = Buffer.concat([headerOf({ kind: 'master', id: OLD_ID }), sealed.subarray(17)]);
      await tenant.update('webhook_secrets', { id }, () => ({ sealed: broken }));
      const rotation = await finish(OLD, await startMasterRotation(process(OLD)));
      expect(rotation).to.include({ outcome: 'incomplete', passUnreadable: 1 });
      expect((await secretRow()).sealed.equals(broken)).to.equal(true);
      await tenant.update('webhook_secrets', { id }, () => ({ sealed }));
    });
  });

  describe('of an organization’s data key', () => {
    it('publishes, waits, activates, waits, seals everything again and proves it; the old key goes on to open what a backup holds', async () => {
      const { sealed } = await secretRow();
      const old = await activeKey();
      const id = await startDataRotation({ ...process(OLD), propagationMs: 60_000 }, tenant.orgId);
      expect(await step(OLD, id)).to.deep.include({ phase: 'activate', resealed: 0 });
      expect(await activeKey()).to.equal(old);
      await database
        .system('encryption_key_rotations')
        .where({ id })
        .update({ next_step_at: new Date(0) });
      expect((await step(OLD, id, 60_000)).waitMs).to.equal(60_000);
      expect(await activeKey()).to.not.equal(old);
      expect((await secretRow()).sealed.equals(sealed)).to.equal(true);
      await database
        .system('encryption_key_rotations')
        .where({ id })
        .update({ next_step_at: new Date(0) });
      const rotation = await finish(OLD, id);
      expect(rotation).to.include({ outcome: 'done', keyId: await activeKey() });
      expect(createVault(OLD).keyIdOf((await secretRow()).sealed)).to.equal(rotation.keyId);
      expect(await openSecret(OLD)).to.equal(webhook.secret);
      const keyring = await withTenant(database.app, tenant.orgId, (trx) => createVault(OLD).of(trx, tenant.orgId));
      expect(keyring.open(sealed, secretContext(tenant.orgId, (await secretRow()).id)).toString()).to.equal(webhook.secret);
      const told = await Promise.all(
        ['encryption_keys.rotate', 'encryption_keys.rotated'].map((action) => auditedChanges(database, tenant.orgId, action)),
      );
      expect(told.map((entries) => entries.length)).to.deep.equal([1, 1]);
    });

    it('touches no other organization', async () => {
      const { sealed } = await secretRow();
      const other = await TestTenant.create(database);
      await other.webhook({});
      await finish(OLD, await startDataRotation(process(OLD), other.orgId));
      expect((await secretRow()).sealed.equals(sealed)).to.equal(true);
    });

    it('answers not_found for an organization that does not exist', async () => {
      const error: unknown = await startDataRotation(process(OLD), newId()).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(AppError).with.property('code', 'not_found');
    });
  });

  describe('beside others that write', () => {
    const outdated = { ofOrganization: Buffer.from([9]), ofInstallation: Buffer.from([9]) };
    const replacement = { key: {} as Record<string, string>, before: Buffer.alloc(0), after: Buffer.from('ours') };

    it('a value that changed after it was read is left to whoever changed it', async () => {
      await database.system.transaction(async (trx) => {
        const [row] = await readChunk(trx, { column: SECRETS, orgId: tenant.orgId, after: null, upToDate: outdated });
        await tenant.update('webhook_secrets', {}, () => ({ sealed: Buffer.from('theirs') }));
        expect(await replaceSealed(trx, SECRETS, [{ ...replacement, key: row!.key, before: row!.sealed! }])).to.equal(0);
      });
      expect((await secretRow()).sealed.toString()).to.equal('theirs');
    });

    it('a row that somebody holds is not waited for: it is left to the next pass', async () => {
      await withTenant(database.app, tenant.orgId, async (holder) => {
        await holder('webhook_secrets').where({ org_id: tenant.orgId }).forUpdate();
        const startedAt = performance.now();
        const written = await database.system.transaction(async (trx) => {
          const [row] = await readChunk(trx, { column: SECRETS, orgId: tenant.orgId, after: null, upToDate: outdated });
          return replaceSealed(trx, SECRETS, [{ ...replacement, key: row!.key, before: row!.sealed! }]);
        });
        expect(written).to.equal(0);
        expect(performance.now() - startedAt).to.be.below(2_000);
      });
    });

    it('a pass that could not write everything is followed by another', async () => {
      const id = await startDataRotation(process(OLD), tenant.orgId);
      await step(OLD, id);
      await withTenant(database.app, tenant.orgId, async (holder) => {
        await holder('webhook_secrets').where({ org_id: tenant.orgId }).forUpdate();
        for (let at = await step(OLD, id); at.pass < 3; at = await step(OLD, id)) expect(at.outcome).to.equal(null);
      });
      expect(await finish(OLD, id)).to.include({ outcome: 'done' });
      expect(await openSecret(OLD)).to.equal(webhook.secret);
    });
  });
});
