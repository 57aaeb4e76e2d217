import type { Knex } from 'knex';

/** The organization that has verified a domain. Ids are uuids; `settings` is read through organizationSettings. */
export interface DomainOwner {
  org_id: string;
  domain_id: string;
  org_name: string;
  settings: unknown;
}

/** null when nobody has, or the organization is gone. */
export async function findDomainOwner(knex: Knex, domain: string): Promise<DomainOwner | null> {
  const { rows } = await knex.raw<{ rows: DomainOwner[] }>('SELECT * FROM find_domain_owner(?)', [domain]);
  return rows[0] ?? null;
}
