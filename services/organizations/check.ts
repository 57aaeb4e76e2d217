import { AppError } from '../errors/AppError.ts';
import type { FieldError } from '../errors/AppError.ts';
import { normalizeAddress } from '../mail/address.ts';
import { PLANS, isPlan } from '../plans.ts';
import type { Plan } from '../plans.ts';

/** As a person or a command gives it. */
export interface NewOrganization {
  name: string;
  ownerEmail: string;
  /** Default `free`. */
  plan?: string | undefined;
  /** Requests an hour of the first API key; 0 is no limit; absent or null follows the plan. */
  rateLimitPerHour?: number | null | undefined;
}

export interface CheckedOrganization {
  name: string;
  ownerEmail: string;
  plan: Plan;
  rateLimitPerHour: number | null;
}

/** Trims, spells the e-mail as it is stored, fills defaults. Throws validation_failed naming every fault at once. */
export function checkNewOrganization(input: NewOrganization): CheckedOrganization {
  const name = input.name.trim();
  const ownerEmail = normalizeAddress(input.ownerEmail);
  const plan = input.plan ?? 'free';
  const rateLimitPerHour = input.rateLimitPerHour ?? null;
  const faults: FieldError[] = [];
  if (name.length === 0 || name.length > 200) faults.push({ location: 'name', message: 'expected 1 to 200 characters' });
  if (/\p{Cc}/u.test(name)) faults.push({ location: 'name', message: 'must not hold control characters' });
  if (ownerEmail === null) faults.push({ location: 'owner_email', message: 'expected an e-mail address such as ada@acme.example' });
  if (!isPlan(plan)) faults.push({ location: 'plan', message: `expected one of ${PLANS.join(', ')}` });
  if (rateLimitPerHour !== null && (!Number.isSafeInteger(rateLimitPerHour) || rateLimitPerHour < 0 || rateLimitPerHour > 1_000_000_000)) {
    faults.push({ location: 'rate_limit_per_hour', message: 'expected a whole number of requests an hour; 0 means no limit' });
  }
  if (faults.length > 0 || !isPlan(plan) || ownerEmail === null) {
    throw new AppError('validation_failed', {
      detail: faults.map((fault) => `${fault.location}: ${fault.message}`).join('; '),
      fields: faults,
    });
  }
  return { name, ownerEmail, plan, rateLimitPerHour };
}

/** A readable handle that no other organization has: the name's letters and the end of the organization's id. */
export function slugOf(name: string, organizationId: string): string {
  const words = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return `${words || 'org'}-${organizationId.slice(-8)}`;
}
