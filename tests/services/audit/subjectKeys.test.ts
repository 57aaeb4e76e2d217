import type { Knex } from 'knex';
import { expect } from 'chai';
import { withTenant } from '../../../db/tenancy.ts';
import { createSubjectKeys } from '../../../services/audit/subjectKeys.ts';
import type { SubjectKey } from '../../../services/audit/disclosure.ts';
import type { SubjectKeys } from '../../../services/audit/subjectKeys.ts';
import { createVault, VaultError } from '../../../services/crypto/vault.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { TEST_SECRETS } from '../../support/testConfig.ts';

const ANNA = 'user:usr_01h455vb4pex5vsknk084sn02q';
const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
const bytes = (key: SubjectKey | undefined): string => key!.saltKey.export().toString('hex');

describe('subject keys', () => {
  const database = useDatabase();
  let orgId: string;
  let keys: SubjectKeys;

  beforeEach(async () => {
    orgId = (await createOrganization(database)).orgId;
    keys = createSubjectKeys(vault);
  });

  const inTenant = <T>(work: (trx: Knex.Transaction) => Promise<T>, org = orgId): Promise<T> => withTenant(database.app, org, work);
  const keyOf = async (subjectKeys: SubjectKeys, subject: string, org = orgId): Promise<SubjectKey> =>
    (await inTenant((trx) => subjectKeys.of(trx, org, [subject]), org)).get(subject)!;

  /** What a process that has never seen the key reads from the database. */
  const stored = (subject = ANNA): Promise<SubjectKey> => keyOf(createSubjectKeys(vault), subject);

  function queriesOf(trx: Knex.Transaction): string[] {
    const queries: string[] = [];
    // The fence is on its way while work begins (db/tenancy.ts).
    const own = (sql: string): boolean => sql !== 'COMMIT;' && !sql.includes('set_config');
    trx.on('query', ({ sql }: { sql: string }) => own(sql) && queries.push(sql));
    return queries;
  }

  it('makes a key once, and every process reads the same', async () => {
    const key = await keyOf(keys, ANNA);
    expect(bytes(await stored())).to.equal(bytes(key));
    expect((await stored()).ref).to.equal(key.ref);
    expect(key.ref).to.match(/^[\w-]{43}$/);
  });

  it('gives each subject, and the same subject in each organization, another key and reference', async () => {
    const other = await createOrganization(database);
    const all = [await keyOf(keys, ANNA), await keyOf(keys, `${ANNA}x`), await keyOf(keys, ANNA, other.orgId)];
    expect(new Set(all.map(bytes)).size).to.equal(3);
    expect(new Set(all.map(({ ref }) => ref)).size).to.equal(3);
  });

  it('asks the database nothing once the key is known to be committed', async () => {
    await keyOf(keys, ANNA);
    await keyOf(keys, ANNA);
    const queries = await inTenant(async (trx) => {
      const seen = queriesOf(trx);
      await keys.of(trx, orgId, [ANNA]);
      return seen;
    });
    expect(queries).to.deep.equal([]);
  });

  it('forgets a key whose transaction rolled back', async () => {
    const lost = await inTenant(async (trx) => {
      const key = (await keys.of(trx, orgId, [ANNA])).get(ANNA);
      await keys.of(trx, orgId, [ANNA]);
      throw Object.assign(new Error('roll back'), { lost: bytes(key) });
    }).catch((error: unknown) => (error as { lost: string }).lost);
    const kept = await keyOf(keys, ANNA);
    expect(bytes(kept)).not.to.equal(lost);
    expect(bytes(await stored())).to.equal(bytes(kept));
  });

  it('forgets a key whose savepoint rolled back, within the same transaction', async () => {
    const [lost, kept] = await inTenant(async (trx) => {
      const inside = await trx
        .transaction(async (savepoint) => {
          const key = (await keys.of(savepoint, orgId, [ANNA])).get(ANNA);
          throw Object.assign(new Error('roll back'), { lost: bytes(key) });
        })
        .catch((error: unknown) => (error as { lost: string }).lost);
      return [inside, bytes((await keys.of(trx, orgId, [ANNA])).get(ANNA))];
    });
    expect(kept).not.to.equal(lost);
    expect(bytes(await stored())).to.equal(kept);
  });

  it('ends with one key when many transactions meet a new subject at once', async () => {
    const processes = Array.from({ length: 5 }, () => createSubjectKeys(vault));
    const made = await Promise.all(processes.map((process) => keyOf(process, ANNA)));
    expect(new Set(made.map(bytes)).size).to.equal(1);
    expect(bytes(await stored())).to.equal(bytes(made[0]));
  });

  it('loads many subjects, known and new, with three statements', async () => {
    await keyOf(keys, ANNA);
    await keyOf(keys, ANNA);
    const subjects = [ANNA, ...Array.from({ length: 200 }, (_, i) => `webhook:whk_${i}`)];
    const [found, queries] = await inTenant(async (trx) => {
      const seen = queriesOf(trx);
      return [await keys.of(trx, orgId, subjects), seen] as const;
    });
    expect([...found.keys()]).to.deep.equal(subjects);
    expect(new Set([...found.values()].map(bytes)).size).to.equal(201);
    expect(queries).to.have.length(3);
  });

  it('stores keys sealed: neither another row nor another organization opens them', async () => {
    const key = await keyOf(keys, ANNA);
    const row = await inTenant((trx) => trx('audit_keys').where({ subject_ref: key.ref }).first<{ sealed_key: Buffer }>());
    expect(row.sealed_key.includes(key.saltKey.export())).to.equal(false);
    const own = await inTenant((trx) => vault.of(trx, orgId));
    expect(own.open(row.sealed_key, `audit_key:${orgId}:${key.ref}`).toString('hex')).to.equal(bytes(key));
    expect(() => own.open(row.sealed_key, `audit_key:${orgId}:index`)).to.throw(VaultError);
  });

  it('tells references without making keys', async () => {
    const refs = await inTenant((trx) => keys.refsOf(trx, orgId, [ANNA]));
    expect(await inTenant((trx) => trx('audit_keys').where({ subject_ref: refs.get(ANNA) }))).to.deep.equal([]);
    expect((await keyOf(keys, ANNA)).ref).to.equal(refs.get(ANNA));
  });
});
