import { expect } from 'chai';
import { CLASSIFICATION } from '../../db/classification.ts';
import { useDatabase } from '../support/database.ts';

describe('guard: column classification', () => {
  const database = useDatabase();

  it('every column says what it holds, and nothing is classified that does not exist', async () => {
    const { rows } = await database.app.raw<{ rows: { column: string }[] }>(`
      SELECT c.relname || '.' || a.attname AS column
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped`);
    const classified = Object.entries(CLASSIFICATION).flatMap(([table, columns]) =>
      Object.keys(columns).map((column) => `${table}.${column}`),
    );
    expect(classified).to.have.members(rows.map(({ column }) => column));
  });
});
