import { isDeepStrictEqual } from 'node:util';
import type { Organization } from '../../db/models/Organization.ts';
import { typeId } from '../../server/ids.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { assertMayLetIn } from '../domains/assertMayLetIn.ts';
import { assertFeature } from '../limits/assertRoom.ts';
import { limitOverrides } from '../limits/limits.ts';
import { assertOwnRoles } from './assertOwnRoles.ts';
import { assertNotLockedOut } from './assertNotLockedOut.ts';
import { describeOrganization } from './describe.ts';
import { findOrganization } from './findOrganization.ts';
import { organizationSettings, storedSettings } from './settings.ts';
import type { OrganizationSettings } from './settings.ts';
import { assertSlugFree, takeSlug } from './slug.ts';

/** What is absent stays as it is, in each group of settings too. */
export type SettingsChange = Partial<{
  [K in keyof OrganizationSettings]: OrganizationSettings[K] extends object ? Partial<OrganizationSettings[K]> : OrganizationSettings[K];
}>;

export interface OrganizationChange {
  name?: string;
  slug?: string;
  settings?: SettingsChange;
}

/**
 * Changes what is given. Throws validation_failed (reserved slug; a role that is not the organization's), conflict (taken slug; API access switched off by an API key),
 * plan_feature_missing (single sign-on), permission_denied, step_up_required and mfa_required (a policy of second factors that the actor does not satisfy).
 */
export async function updateOrganization(
  tenant: TenantContext,
  { name, slug, settings: change = {} }: OrganizationChange,
): Promise<Organization> {
  const { trx, actor, clock } = tenant;
  assertWholeOrganization(actor);
  const organization = await findOrganization(tenant, { forChange: true });
  // Now, because the patch writes into the same object.
  const before = describeOrganization(organization);
  const current = organizationSettings(organization.settings);
  const settings = merged(current, change);
  const limited = { plan: organization.plan, overrides: limitOverrides(organization.limitOverrides) };
  if (settings.ssoEnabled && !current.ssoEnabled) assertFeature(limited, 'sso');
  if (change.mfa?.roles) await assertOwnRoles(tenant, change.mfa.roles);
  await assertNotLockedOut(tenant, current, settings);
  if (!isDeepStrictEqual(current.domains, settings.domains)) await assertMayLetIn(tenant, settings);
  if (slug !== undefined && slug !== organization.slug) {
    assertSlugFree(slug, 'body.slug');
    await takeSlug(tenant, slug);
  }
  const after = await organization.$query(trx).patchAndFetch({
    ...(name !== undefined && { name }),
    ...(slug !== undefined && { slug }),
    // What the operator keeps there beside them stays.
    settings: { ...organization.settings, ...storedSettings(settings) },
    updatedAt: clock.now(),
  });
  await appendAudit(tenant, {
    action: 'organizations.update',
    category: 'system_config',
    targets: [{ type: 'organization', id: typeId('org', actor.orgId), name: after.name }],
    before,
    after: describeOrganization(after),
  });
  return after;
}

const merged = ({ mfa, apiKeys, domains, ...single }: OrganizationSettings, change: SettingsChange): OrganizationSettings => ({
  ...single,
  ...change,
  mfa: { ...mfa, ...change.mfa },
  apiKeys: { ...apiKeys, ...change.apiKeys },
  domains: { ...domains, ...change.domains },
});
