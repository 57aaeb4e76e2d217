import { enterUser } from '../../db/tenancy.ts';
import { Organization } from '../../db/models/Organization.ts';
import { newId, typeId } from '../../server/ids.ts';
import { insertMember } from '../access/insertMember.ts';
import { appendAudit } from '../audit/append.ts';
import type { Origin } from '../auth/personContext.ts';
import type { SessionRecord } from '../auth/sessionRecord.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { madeBefore, rememberMade } from '../idempotency/personRequests.ts';
import type { PersonClaim } from '../idempotency/personRequests.ts';
import { FREE_ORGANIZATIONS_PER_PERSON } from '../plans.ts';
import { runInTenant } from '../runInTenant.ts';
import { slugOf } from './check.ts';
import { describeOrganization } from './describe.ts';
import { insertDefaultWorkspace, insertOrganization } from './insert.ts';
import { listOwnOrganizations } from './listOwn.ts';
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
  /** Of its Idempotency-Key. */
  claim?: PersonClaim | null;
}

export interface Founded {
  organization: Organization;
  /** The same request had founded it before. */
  repeated: boolean;
}

/**
 * Founds an organization on the free plan, with a workspace and the person as its owner, in one transaction with the audit entry.
 * A repeat of a claimed request answers with what the first one founded. Throws idempotency_mismatch; email_not_verified; plan_limit_reached when the person founded as many free ones as one person may; conflict for a taken slug, and
 * for a repeat of who is no active member any more; validation_failed for a reserved one.
 */
export async function foundOrganization(
  deps: Parameters<typeof runInTenant>[0],
  founder: FounderContext,
  { name, slug }: FoundedOrganization,
): Promise<Founded> {
  const { session, claim = null } = founder;
  if (session.emailVerifiedAt === null) throw new AppError('email_not_verified');
  if (slug !== null) assertSlugFree(slug, 'body.slug');
  const actor = personActor(founder, { orgId: newId(deps.clock), membershipId: newId(deps.clock) });
  const founded = await runInTenant(deps, actor, async (tenant) => {
    const person = { ...tenant, userId: session.userId };
    await lockPerson(person);
    const before = claim && (await madeBefore(person, claim));
    if (before !== null) return before;
    await assertRoomToFound(person);
    if (claim) await rememberMade(person, claim, actor.orgId);
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
  if (typeof founded !== 'string') return { organization: founded, repeated: false };
  return { organization: await readFounded(deps, founder, founded), repeated: true };
}

/** As it is now: it may have been renamed since. Throws conflict for who may not see it any more, because they have left it or it is gone. */
async function readFounded(deps: Parameters<typeof runInTenant>[0], founder: FounderContext, orgId: string): Promise<Organization> {
  const { userId } = founder.session;
  const actor = personActor(founder, { orgId, membershipId: newId(deps.clock) });
  const organization = await runInTenant(deps, actor, async ({ trx }) => {
    await enterUser(trx, userId);
    const isOwn = (await listOwnOrganizations(trx, userId)).some(({ id }) => id === orgId);
    return isOwn ? await Organization.query(trx).findById(orgId) : undefined;
  });
  if (organization) return organization;
  throw new AppError('conflict', {
    detail:
      'The organization that was founded with this Idempotency-Key is gone, or you are no active member of it any more. Use a new key to found another one.',
  });
}

type Founder = TenantContext & { userId: string };

/** Whoever founds two at the same moment counts twice, and a repeat waits for the first: the person's own row is the lock. */
async function lockPerson({ trx, userId }: Founder): Promise<void> {
  await enterUser(trx, userId);
  await trx('users').where({ id: userId }).forNoKeyUpdate().select('id');
}

async function assertRoomToFound({ trx, userId }: Founder): Promise<void> {
  const { rows } = await trx.raw<{ rows: [{ used: number }] }>('SELECT free_organizations_founded(?) AS used', [userId]);
  const [{ used }] = rows;
  const limit = FREE_ORGANIZATIONS_PER_PERSON;
  if (used < limit) return;
  throw new AppError('plan_limit_reached', {
    detail: `One person may found ${limit} organizations on the free plan, and you founded ${used}. Move one to a larger plan first.`,
    extensions: { limit: { name: 'free_organizations', limit, used, plan: 'free', upgrade_to: 'starter' } },
  });
}
