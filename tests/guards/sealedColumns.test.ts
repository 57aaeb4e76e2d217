import { expect } from 'chai';
import { CLASSIFICATION } from '../../db/classification.ts';
import { nameOf, SEALED_COLUMNS } from '../../services/crypto/sealedColumns.ts';
import { useDatabase } from '../support/database.ts';

/** Secrets that no vault sealed, and what they are instead. */
const NOT_SEALED: Readonly<Record<string, string>> = {
  digest: 'a digest: compared, never opened',
  token_digest: 'a digest: compared, never opened',
  fingerprint: 'a MAC: compared, never opened',
  hash: 'argon2id',
  password_hash: 'argon2id',
  challenge: 'random, public as soon as it is used',
};

const HELP =
  'Add it to services/crypto/sealedColumns.ts with its context, or a rotation of keys loses it; what is no envelope is named in NOT_SEALED here.';

describe('guard: sealed columns', () => {
  const database = useDatabase();

  it('a rotation of keys knows every secret column', () => {
    const registered = new Set(SEALED_COLUMNS.map(nameOf));
    const sealedByName = /sealed|wrapped/;
    const missing = Object.entries(CLASSIFICATION)
      .flatMap(([table, columns]) => Object.entries(columns).map(([column, holds]) => ({ name: `${table}.${column}`, column, holds })))
      .filter(({ column, holds }) => holds === 'secret' || (holds === 'personal' && sealedByName.test(column)))
      .filter(({ name, column }) => NOT_SEALED[column] === undefined && !registered.has(name))
      .map(({ name }) => name);
    expect(missing, HELP).to.deep.equal([]);
  });

  it('each has the primary key that is written there, and artisan_system may read and write it', async () => {
    const { rows } = await database.system.raw<{ rows: { name: string; key: string[]; allowed: boolean }[] }>(`
      SELECT c.relname || '.' || a.attname AS name, has_table_privilege('artisan_system', c.oid, 'SELECT') AND has_table_privilege('artisan_system', c.oid, 'UPDATE') AS allowed,
             (SELECT array_agg(k.attname || ':' || format_type(k.atttypid, NULL) ORDER BY array_position(p.conkey, k.attnum))
                FROM pg_constraint p JOIN pg_attribute k ON k.attrelid = p.conrelid AND k.attnum = ANY (p.conkey)
               WHERE p.conrelid = c.oid AND p.contype = 'p') AS key
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.atttypid = 'bytea'::regtype AND a.attnum > 0
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'`);
    const stored = new Map(rows.map((row) => [row.name, { key: row.key, allowed: row.allowed }]));
    for (const sealed of SEALED_COLUMNS) {
      const key = Object.entries(sealed.key).map(([name, type]) => `${name}:${type}`);
      expect(stored.get(nameOf(sealed)), `${nameOf(sealed)}: primary key, and GRANT SELECT, UPDATE … TO artisan_system`).to.deep.equal({
        key,
        allowed: true,
      });
    }
  });
});
