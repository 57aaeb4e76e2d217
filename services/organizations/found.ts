import { enterUser } from '../../db/tenancy.ts';
import { Organization } from '../../db/models/Organization.ts';
import { newId, typeId } from '../../server/ids.ts';
import { insertMember } from '../access/insertMember.ts';
import { appendAudit } from '../audit/append.ts';
import type { Origin } from '../auth/personContext.ts';
import type { SessionRecord } from '../auth/sessionRecord.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { FREE_ORGANIZATIONS_PER_PERSON } from '../plans.ts';
import { runInTenant } from '../runInTenant.ts';
import { slugOf } from './check.ts';
import { describeOrganization } from './describe.ts';
import { insertDefaultWorkspace, insertOrganization } from './insert.ts';
import { personActor } from './personActor.ts';
import { assertSlugFree } from './slug.ts';

export interface FoundedOrganization {
  name: string;
  /** null: one is made of the name. */
  slug: string | null;
}

interface FounderContext {
  session: SessionRecord;
  origin: Origin;
}

/**
 * Founds an organization on the free plan, with a workspace and the person as its owner, in one transaction with the audit entry.
 * Throws email_not_verified; plan_limit_reached when the person founded as many free ones as one person may; conflict for a taken slug;
 * validation_failed for a reserved one.
 */
export async function foundOrganization(
  deps: Parameters<typeof runInTenant>[0],
  founder: FounderContext,
  { name, slug }: FoundedOrganization,
): Promise<Organization> {
  const { session } = founder;
  if (session.emailVerifiedAt === null) throw new AppError('email_not_verified');
  if (slug !== null) assertSlugFree(slug, 'body.slug');
  const actor = personActor(founder, { orgId: newId(deps.clock), membershipId: newId(deps.clock) });
  return runInTenant(deps, actor, async (tenant) => {
    await holdRoomToFound(tenant, session.userId);
    await insertOrganization(tenant, {
      name,
      slug: slug ?? slugOf(name, typeId('org', actor.orgId)),
      plan: 'free',
      foundedBy: session.userId,
    });
    await insertDefaultWorkspace(tenant);
    const id = actor.session!.membershipId;
    await insertMember(tenant, { id, userId: session.userId, roles: [{ role: 'owner' }], source: 'founder' });
    const organization = await Organization.query(tenant.trx).findById(actor.orgId).throwIfNotFound();
    await appendAudit(tenant, {
      action: 'organizations.create',
      category: 'system_config',
      targets: [{ type: 'organization', id: typeId('org', actor.orgId), name }],
      after: { ...describeOrganization(organization), plan: 'free' },
    });
    return organization;
  });
}

/** Whoever founds two at the same moment counts twice: the person's own row is the lock. */
async function holdRoomToFound({ trx }: TenantContext, userId: string): Promise<void> {
  await enterUser(trx, userId);
  await trx('users').where({ id: userId }).forNoKeyUpdate().select('id');
  const { rows } = await trx.raw<{ rows: [{ used: number }] }>('SELECT free_organizations_founded(?) AS used', [userId]);
  const [{ used }] = rows;
  const limit = FREE_ORGANIZATIONS_PER_PERSON;
  if (used < limit) return;
  throw new AppError('plan_limit_reached', {
    detail: `One person may found ${limit} organizations on the free plan, and you founded ${used}. Move one to a larger plan first.`,
    extensions: { limit: { name: 'free_organizations', limit, used, plan: 'free', upgrade_to: 'starter' } },
  });
}
