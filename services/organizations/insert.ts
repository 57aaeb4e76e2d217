import { Organization } from '../../db/models/Organization.ts';
import { Workspace } from '../../db/models/Workspace.ts';
import { newId } from '../../server/ids.ts';
import type { TenantContext } from '../context.ts';
import type { Plan } from '../plans.ts';
import { takeSlug } from './slug.ts';

interface OrganizationRow {
  name: string;
  slug: string;
  plan: Plan;
  /** The person (uuid) who founds it; absent: the operator did. */
  foundedBy?: string;
}

/** Writes the row of the transaction's organization and takes its short name. Throws conflict when another organization has or had that name. */
export async function insertOrganization(tenant: TenantContext, { name, slug, plan, foundedBy }: OrganizationRow): Promise<void> {
  const { trx, actor, clock } = tenant;
  const row = { id: actor.orgId, name, slug, plan, settings: {}, foundedBy: foundedBy ?? null, createdAt: clock.now() };
  await Organization.query(trx).insert(row);
  await takeSlug(tenant, slug);
}

/** Every organization begins with one workspace; returns its uuid. */
export async function insertDefaultWorkspace({ trx, actor, clock }: TenantContext): Promise<string> {
  const id = newId(clock);
  await Workspace.query(trx).insert({ orgId: actor.orgId, id, name: 'Default', createdAt: clock.now() });
  return id;
}
