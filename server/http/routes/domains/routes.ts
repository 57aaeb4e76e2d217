import { bestEffort } from '../../../../services/bestEffort.ts';
import { lookForProof } from '../../../../services/domains/challenge.ts';
import { createDomain } from '../../../../services/domains/create.ts';
import { deleteDomain } from '../../../../services/domains/delete.ts';
import { getDomain, listDomains } from '../../../../services/domains/find.ts';
import { keepVerification } from '../../../../services/domains/keepVerification.ts';
import { verifyDomain } from '../../../../services/domains/verify.ts';
import { assertFew } from '../../../../services/rateLimit/assertFew.ts';
import { NoContent, idParams } from '../../params.ts';
import { route } from '../../route.ts';
import { DOMAIN_EXAMPLE, VERIFIED_EXAMPLE } from './examples.ts';
import { presentDomain } from './present.ts';
import { DomainIn, DomainList, DomainOut } from './schemas.ts';

/** Each asks name servers. */
const VERIFICATIONS = { most: 60, what: 'verifications of domains of one organization' };

export const domainRoutes = [
  route({
    method: 'POST',
    path: '/organizations/{organization_id}/domains',
    operationId: 'domains.create',
    permission: 'organization.update',
    summary: 'Add a domain',
    description:
      'It grants nothing before it is verified: put `record` into its DNS, then call `verify`. Public suffixes and the domains of mail providers are refused.',
    body: DomainIn,
    responses: { 201: DomainOut },
    errors: ['domain_not_allowed', 'conflict'],
    idempotent: true,
    examples: { body: { domain: 'acme.example' }, responses: { 201: DOMAIN_EXAMPLE } },
    handler: ({ body, inTenant }) =>
      inTenant(async (tenant) => ({ status: 201 as const, body: presentDomain(await createDomain(tenant, body.domain)) })),
  }),
  route({
    method: 'GET',
    path: '/organizations/{organization_id}/domains',
    operationId: 'domains.list',
    permission: 'organization.read',
    summary: 'List domains',
    description: 'All of them, by name, with the record that each needs and when it was seen last.',
    responses: { 200: DomainList },
    examples: { responses: { 200: { data: [VERIFIED_EXAMPLE] } } },
    async handler({ inTenant }) {
      const domains = await inTenant((tenant) => listDomains(tenant));
      return { status: 200, body: { data: domains.map(presentDomain) } };
    },
  }),
  route({
    method: 'POST',
    path: '/organizations/{organization_id}/domains/{id}/verify',
    operationId: 'domains.verify',
    permission: 'organization.update',
    summary: 'Verify a domain',
    description:
      'Looks for the record now. A verified domain is looked at every day; when its record is missing three days in a row, or DNS does not answer for seven, it lapses, and the owners get a mail on the first day and on the last. One organization at a time can have a domain. While people of verified domains join by themselves, who proves one more must hold the role that they get.',
    params: idParams('dom'),
    responses: { 200: DomainOut },
    errors: ['domain_unproven', 'domain_taken'],
    examples: { responses: { 200: VERIFIED_EXAMPLE } },
    async handler({ params, actor, inTenant, deps }) {
      await assertFew(deps.rateLimiter, `domain_verifications:${actor.orgId}`, VERIFICATIONS);
      const found = await inTenant((tenant) => getDomain(tenant, params.id));
      const outcome = await lookForProof(deps.resolveTxt, found); // The network: never inside a transaction
      const { domain, promise } = await inTenant((tenant) => verifyDomain(tenant, params.id, { challenge: found.challenge, outcome }));
      if (promise) void bestEffort(deps.logger, 'the relay starts what is left to start', keepVerification(deps, promise));
      return { status: 200, body: presentDomain(domain) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/organizations/{organization_id}/domains/{id}',
    operationId: 'domains.delete',
    permission: 'organization.update',
    summary: 'Remove a domain',
    description: 'Nobody joins by it any more, and another organization may verify it. Who joined by it stays a member.',
    params: idParams('dom'),
    responses: { 204: NoContent },
    async handler({ params, inTenant }) {
      await inTenant((tenant) => deleteDomain(tenant, params.id));
      return { status: 204 };
    },
  }),
];
