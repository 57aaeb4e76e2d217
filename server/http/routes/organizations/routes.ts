import { findOrganization } from '../../../../services/organizations/findOrganization.ts';
import { foundOrganization } from '../../../../services/organizations/found.ts';
import { listOwnOrganizations } from '../../../../services/organizations/listOwn.ts';
import { organizationStats } from '../../../../services/organizations/stats.ts';
import { updateOrganization } from '../../../../services/organizations/update.ts';
import { reportLimits } from '../../../../services/limits/report.ts';
import { personClaimOf } from '../../idempotencyKey.ts';
import { route } from '../../route.ts';
import * as examples from './examples.ts';
import { fromOrganizationPatch, presentLimits, presentListed, presentOrganization, presentOwn, presentStats } from './present.ts';
import { LimitsOut, StatsOut } from './reportSchemas.ts';
import { OrganizationIn, OrganizationList, OrganizationOut, OrganizationPatch } from './schemas.ts';

export const organizationRoutes = [
  route({
    method: 'GET',
    path: '/organizations',
    operationId: 'organizations.list',
    permission: 'organization.read',
    signedIn: true,
    summary: 'List your organizations',
    description:
      'To a person: every organization that they are an active member of, the first joined first, whichever was entered; an owner also sees deleted ones while they can be restored. To an API key: its own organization.',
    responses: { 200: OrganizationList },
    examples: { responses: { 200: { data: [examples.ORGANIZATION_LISTED_EXAMPLE] } } },
    async handler({ actor, session, inTenant, inUser }) {
      if (actor?.type === 'api_key') {
        const organization = await inTenant(findOrganization);
        return { status: 200, body: { data: [presentOwn(organization)] } };
      }
      const own = await inUser((trx) => listOwnOrganizations(trx, session.userId));
      return { status: 200, body: { data: own.map(presentListed) } };
    },
  }),
  route({
    method: 'POST',
    path: '/organizations',
    operationId: 'organizations.create',
    signedIn: true,
    summary: 'Found an organization',
    description:
      'On the free plan, with a first workspace and you as its owner. Enter it with POST /auth/organization. Your e-mail address must be verified, and one person may found three free organizations. A repeat with the same `Idempotency-Key` within a day founds nothing and answers with the organization that was founded, as it is by then; 409 when you are no active member of it any more.',
    body: OrganizationIn,
    responses: { 201: OrganizationOut },
    errors: ['email_not_verified', 'plan_limit_reached', 'conflict'],
    idempotent: true,
    examples: { body: { name: 'Acme GmbH', slug: 'acme' }, responses: { 201: { ...examples.ORGANIZATION_EXAMPLE, plan: 'free' } } },
    async handler(ctx) {
      const { body, session, origin, deps } = ctx;
      const claim = personClaimOf(ctx, 'organizations.create');
      const founded = await foundOrganization(deps, { session, origin, claim }, { name: body.name, slug: body.slug ?? null });
      const headers = founded.repeated ? { 'Idempotency-Replayed': 'true' } : {};
      return { status: 201, headers, body: presentOrganization(founded.organization) };
    },
  }),
  route({
    method: 'GET',
    path: '/organizations/{organization_id}',
    operationId: 'organizations.get',
    permission: 'organization.read',
    summary: 'Get an organization',
    description:
      'Its name, plan and settings. It must be the one that your credential is in: any other is the same 404 as one that does not exist.',
    responses: { 200: OrganizationOut },
    examples: { responses: { 200: examples.ORGANIZATION_EXAMPLE } },
    async handler({ inTenant }) {
      return { status: 200, body: presentOrganization(await inTenant(findOrganization)) };
    },
  }),
  route({
    method: 'PATCH',
    path: '/organizations/{organization_id}',
    operationId: 'organizations.update',
    permission: 'organization.update',
    summary: 'Change an organization',
    description:
      'Fields that are absent stay as they are, in each group of settings too; lists are replaced as a whole. A short name that is given up stays reserved for this organization. Nobody can lock themselves out: a policy of second factors is set by a person who satisfies it in this session, and API access is not switched off with an API key. Who lets people of verified domains join must hold the role that they get.',
    body: OrganizationPatch,
    responses: { 200: OrganizationOut },
    errors: ['conflict', 'plan_feature_missing', 'step_up_required', 'mfa_required'],
    examples: { body: examples.ORGANIZATION_PATCH_EXAMPLE, responses: { 200: examples.ORGANIZATION_EXAMPLE } },
    async handler({ body, inTenant }) {
      const organization = await inTenant((tenant) => updateOrganization(tenant, fromOrganizationPatch(body)));
      return { status: 200, body: presentOrganization(organization) };
    },
  }),
  route({
    method: 'GET',
    path: '/organizations/{organization_id}/stats',
    operationId: 'organizations.stats',
    permission: 'organization.read',
    summary: 'Get the figures of an organization',
    description:
      'Members, seats, workspaces, endpoints and keys of the moment, events of the month, and deliveries. Of the whole organization: refused to who acts in one workspace.',
    responses: { 200: StatsOut },
    examples: { responses: { 200: examples.STATS_EXAMPLE } },
    async handler({ inTenant }) {
      return { status: 200, body: presentStats(await inTenant(organizationStats)) };
    },
  }),
  route({
    method: 'GET',
    path: '/organizations/{organization_id}/limits',
    operationId: 'organizations.limits',
    permission: 'organization.read',
    summary: 'Get the limits of an organization',
    description:
      'What its plan allows, what is in use, and what its own agreement changes. A request that goes beyond a limit is answered with 402 `plan_limit_reached`, for what the plan lacks with 403 `plan_feature_missing`; both name limit, usage and the plan that has more. Refused to who acts in one workspace.',
    responses: { 200: LimitsOut },
    examples: { responses: { 200: examples.LIMITS_EXAMPLE } },
    async handler({ inTenant }) {
      return { status: 200, body: presentLimits(await inTenant(reportLimits)) };
    },
  }),
];
