import { hash } from 'node:crypto';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';

/** What addresses of the product begin with, now or some day, and what a stranger could pass for us with. */
const RESERVED = new Set(
  `about account accounts admin administrator api app apps artisan assets audit auth billing blog cdn console contact dashboard default demo
   dev docs domains download email events ftp health help home host images imap info invitations invite invoice jobs legal login logout mail
   me members metrics mfa new none null oauth official openapi org organization organizations owner password pop postmaster pricing privacy
   public redoc register root saml scim search security settings signin signup smtp sso staff static status support system team teams terms
   test trust undefined user users webhook webhooks webmaster workspace workspaces www`
    .split(/\s+/)
    .filter((word) => word !== ''),
);
/** An organization that could take any number of names could take them from everybody. */
const MOST_SLUGS = 10;

/** Lower-case letters and digits, single hyphens inside. */
export const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

const TOMBSTONE = 'erased-';

/** What an erased organization (TypeID) is called. Nobody may take such a name: it would stand in the way of the erasure. */
export const tombstoneSlug = (organizationId: string): string => TOMBSTONE + organizationId.slice('org_'.length);

/** Throws validation_failed for a word that nobody may be called by. */
export function assertSlugFree(slug: string, location: string): void {
  if (!RESERVED.has(slug) && !slug.startsWith(TOMBSTONE)) return;
  const message = 'is reserved: choose another short name';
  throw new AppError('validation_failed', { detail: `${location} ${message}`, fields: [{ location, message }] });
}

/**
 * Takes the short name for the organization, for ever: what it was called by stays its own, also after a change. The row of the organization
 * is written by the caller. Throws conflict when another organization has or had it, or when this one had too many.
 */
export async function takeSlug({ trx, actor, clock }: Pick<TenantContext, 'trx' | 'actor' | 'clock'>, slug: string): Promise<void> {
  const own = { org_id: actor.orgId, slug_digest: slugDigest(slug) };
  const taken = await trx('organization_slugs').where({ org_id: actor.orgId }).select<{ slug_digest: Buffer }[]>('slug_digest');
  if (taken.some((row) => row.slug_digest.equals(own.slug_digest))) return;
  if (taken.length >= MOST_SLUGS) {
    throw new AppError('conflict', { detail: `An organization may have ${MOST_SLUGS} short names in its life. Go back to one of them.` });
  }
  // Another organization's row is not visible here, but its name is taken all the same: the unique index says so (db/errors.ts).
  await trx('organization_slugs').insert({ ...own, created_at: clock.now() });
}

const slugDigest = (slug: string): Buffer => hash('sha256', slug, 'buffer');
