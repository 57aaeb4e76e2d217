import type { Knex } from 'knex';

interface FoundPerson {
  id: string;
  email_verified_at: Date | null;
}

/** Whose address this is (normalised, see `services/auth/email.ts`), of whichever organization; null: nobody's, or of a deleted person. */
export async function findPerson(knex: Knex, email: string): Promise<{ userId: string; emailVerifiedAt: Date | null } | null> {
  const { rows } = await knex.raw<{ rows: FoundPerson[] }>('SELECT * FROM find_person(?)', [email]);
  return rows[0] ? { userId: rows[0].id, emailVerifiedAt: rows[0].email_verified_at } : null;
}
