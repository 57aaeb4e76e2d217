import type { Knex } from 'knex';
import { expect } from 'chai';
import { withTenant } from '../../../db/tenancy.ts';
import { waitUntil } from '../../../server/local/waitUntil.ts';
import { createLogger } from '../../../server/logger.ts';
import { dataKeyContext } from '../../../services/crypto/dataKeys.ts';
import { createDerivedKeys, DERIVED_PURPOSES } from '../../../services/crypto/derivedKeys.ts';
import { listen } from '../../../db/listen.ts';
import { dataKeyChanges } from '../../../services/crypto/dataKeyChanges.ts';
import { createVault, VaultError } from '../../../services/crypto/vault.ts';
import type { MasterVault, Vault } from '../../../services/crypto/vault.ts';
import { newId } from '../../../server/ids.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { TEST_SECRETS } from '../../support/testConfig.ts';

const OLD = TEST_SECRETS.ENCRYPTION_KEYS;
const NEW = `new:${Buffer.alloc(32, 7).toString('base64')}`;
const CONTEXT = 'somewhere';

describe('vaults of organizations', () => {
  const database = useDatabase();
  let orgId: string;
  let master: MasterVault;
  beforeEach(async () => {
    orgId = (await createOrganization(database)).orgId;
    master = createVault(OLD);
  });

  const inTenant = <T>(work: (trx: Knex.Transaction) => Promise<T>, org = orgId): Promise<T> => withTenant(database.app, org, work);
  const vaultOf = (org = orgId, of = master): Promise<Vault> => inTenant((trx) => of.of(trx, org), org);
  const bare = async (): Promise<string> => {
    await database.system('data_keys').where({ org_id: orgId }).delete();
    return orgId;
  };

  it('seals under a key of the organization: neither another organization nor the master key itself opens it', async () => {
    const sealed = (await vaultOf()).seal('secret', CONTEXT);
    expect(sealed[0]).to.equal(2);
    expect((await vaultOf(orgId, createVault(OLD))).open(sealed, CONTEXT).toString()).to.equal('secret');
    const stranger = await vaultOf((await createOrganization(database)).orgId);
    expect(() => stranger.open(sealed, CONTEXT)).to.throw(VaultError, /which the organization does not have/);
    expect(() => master.open(sealed, CONTEXT)).to.throw(VaultError, /vault of its organization/);
  });

  it('refuses another context and a single changed bit, wherever it is', async () => {
    const vault = await vaultOf();
    const sealed = vault.seal('secret', CONTEXT);
    expect(() => vault.open(sealed, 'elsewhere')).to.throw(VaultError);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const altered = Buffer.from(sealed);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => vault.open(altered, CONTEXT), `bit ${bit}`).to.throw(VaultError);
    }
  });

  it('opens what the master key sealed before there were data keys', async () => {
    expect((await vaultOf()).open(master.seal('from before', CONTEXT), CONTEXT).toString()).to.equal('from before');
  });

  it('makes no statement once the keys are known, and one when they are not', async () => {
    await vaultOf();
    const statements = await inTenant(async (trx) => {
      const seen: string[] = [];
      trx.on('query', ({ sql }: { sql: string }) => sql.includes('set_config') || seen.push(sql));
      await master.of(trx, orgId);
      const cached = seen.length;
      await createVault(OLD).of(trx, orgId);
      return [cached, seen.length];
    });
    expect(statements).to.deep.equal([0, 1]);
  });

  it('ends with one key when many processes meet an organization without one at once', async () => {
    await bare();
    const vaults = await Promise.all(Array.from({ length: 5 }, () => vaultOf(orgId, createVault(OLD))));
    expect(new Set(vaults.map(({ currentKeyId }) => currentKeyId)).size).to.equal(1);
    expect(await database.system('data_keys').where({ org_id: orgId })).to.have.length(1);
  });

  it('does not remember a key whose transaction rolled back', async () => {
    await bare();
    const lost = await inTenant(async (trx) => {
      throw Object.assign(new Error('roll back'), { id: (await master.of(trx, orgId)).currentKeyId });
    }).catch((error: unknown) => (error as { id: string }).id);
    expect(master.cached(orgId)).to.equal(undefined);
    expect((await vaultOf()).currentKeyId).to.not.equal(lost);
  });

  it('makes no key for an organization that does not exist, and seals nothing for it', async () => {
    const vault = await vaultOf(newId());
    expect(() => vault.seal('x', CONTEXT)).to.throw(VaultError, /No data key/);
  });

  it('a thief of the database finds wrapped keys only, and one moved to another organization does not open', async () => {
    await vaultOf();
    const row = (await database.system('data_keys').where({ org_id: orgId }).first()) as { id: string; wrapped: Buffer };
    const key = master.open(row.wrapped, dataKeyContext(orgId, row.id));
    expect(key).to.have.length(32);
    expect(row.wrapped.includes(key)).to.equal(false);
    const victim = (await createOrganization(database)).orgId;
    await database.system('data_keys').where({ org_id: victim }).update({ wrapped: row.wrapped });
    const error: unknown = await vaultOf(victim, createVault(OLD)).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(VaultError);
  });

  it('names the master key that is missing', async () => {
    await vaultOf();
    const error: unknown = await vaultOf(orgId, createVault(NEW)).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(VaultError);
    expect(String(error)).to.contain(`"${master.currentKeyId}"`).and.contain('ENCRYPTION_KEYS');
  });

  it('forgets the keys of an organization when another process changes them', async () => {
    const listener = listen({ url: database.urls.app, channels: [dataKeyChanges(master)], logger: createLogger('silent', 'test') });
    try {
      await waitUntil('the listener', () => listener.connected || null, { timeoutMs: 5_000 });
      await vaultOf();
      await database.system('data_keys').where({ org_id: orgId }).update({ state: 'retired', retired_at: new Date() });
      await waitUntil('the message', () => (master.cached(orgId) === undefined ? true : null), { timeoutMs: 5_000 });
    } finally {
      await listener.close();
    }
  });
});

describe('derived keys', () => {
  const database = useDatabase();
  const keysOf = async (encryptionKeys: string): Promise<string[]> => {
    const keys = createDerivedKeys(database.app, createVault(encryptionKeys));
    await keys.load();
    return DERIVED_PURPOSES.map((purpose) => keys.of(purpose).export().toString('hex'));
  };

  it('are those that were derived from the oldest key before they were stored, the same for processes that start at once', async () => {
    const master = createVault(OLD);
    const all = await Promise.all(Array.from({ length: 4 }, () => keysOf(OLD)));
    for (const keys of all) expect(keys).to.deep.equal(DERIVED_PURPOSES.map((purpose) => master.derive(purpose).toString('hex')));
  });

  it('stay the same when a newer master key comes first, and rest wrapped', async () => {
    const before = await keysOf(OLD);
    expect(await keysOf(`${NEW},${OLD}`)).to.deep.equal(before);
    const stored = await database.system('derived_keys').select<{ sealed: Buffer }[]>('sealed');
    expect(stored.map(({ sealed }) => sealed.toString('hex')).join()).to.not.contain(before[0]);
  });

  it('are not made up when the master key that wraps them is missing', async () => {
    await keysOf(OLD);
    const error: unknown = await keysOf(NEW).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(VaultError);
  });
});
