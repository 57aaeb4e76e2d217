import type { z } from 'zod';
import type { Organization } from '../../../../db/models/Organization.ts';
import type { OwnOrganization } from '../../../../services/organizations/listOwn.ts';
import { organizationSettings, storedSettings } from '../../../../services/organizations/settings.ts';
import type { OrganizationStats } from '../../../../services/organizations/stats.ts';
import type { OrganizationChange, SettingsChange } from '../../../../services/organizations/update.ts';
import type { LimitReport } from '../../../../services/limits/report.ts';
import { typeId } from '../../../ids.ts';
import type { LimitsOut, StatsOut } from './reportSchemas.ts';
import type { OrganizationListed, OrganizationOut, OrganizationPatch } from './schemas.ts';

type Patch = z.output<typeof OrganizationPatch>;

/** What is absent in a request is absent for the services, at every depth. */
function given<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

export function fromOrganizationPatch({ name, slug, settings }: Patch): OrganizationChange {
  return given<Required<OrganizationChange>>({ name, slug, settings: settings && fromSettings(settings) });
}

const fromSettings = (settings: NonNullable<Patch['settings']>): SettingsChange =>
  given<Required<SettingsChange>>({
    primaryColor: settings.primary_color,
    logoUrl: settings.logo_url,
    ssoEnabled: settings.sso_enabled,
    apiEnabled: settings.api_enabled,
    mfa: settings.mfa && fromMfa(settings.mfa),
    apiKeys: settings.api_keys && fromApiKeys(settings.api_keys),
    domains: settings.domains && fromDomains(settings.domains),
  });

type Group<K extends 'mfa' | 'api_keys' | 'domains'> = NonNullable<NonNullable<Patch['settings']>[K]>;

const fromMfa = (mfa: Group<'mfa'>) =>
  given<Required<NonNullable<SettingsChange['mfa']>>>({
    policy: mfa.policy,
    roles: mfa.roles,
    graceUntil: mfa.grace_until,
    phishingResistantOnly: mfa.phishing_resistant_only,
  });

const fromApiKeys = (keys: Group<'api_keys'>) =>
  given<Required<NonNullable<SettingsChange['apiKeys']>>>({
    maxLifetimeDays: keys.max_lifetime_days,
    rotationDays: keys.rotation_days,
    retireAfterFirstUseMinutes: keys.retire_after_first_use_minutes,
    disableLeaked: keys.disable_leaked,
    allowedIps: keys.allowed_ips,
  });

const fromDomains = (domains: Group<'domains'>) =>
  given<Required<NonNullable<SettingsChange['domains']>>>({
    join: domains.join,
    joinRole: domains.join_role,
    restrictMembers: domains.restrict_members,
  });

export function presentOrganization(organization: Organization): z.input<typeof OrganizationOut> {
  return {
    id: typeId('org', organization.id),
    name: organization.name,
    slug: organization.slug,
    plan: organization.plan,
    status: organization.deletedAt === null ? 'active' : 'deleted',
    settings: storedSettings(organizationSettings(organization.settings)) as unknown as z.input<typeof OrganizationOut>['settings'],
    created_at: organization.createdAt.toISOString(),
    updated_at: organization.updatedAt?.toISOString() ?? null,
    deleted_at: organization.deletedAt?.toISOString() ?? null,
    deletion_due_at: organization.deletionDueAt?.toISOString() ?? null,
  };
}

export const presentListed = (own: OwnOrganization): z.input<typeof OrganizationListed> => listed(own, own.roles);

/** To a key, which has no roles. */
export const presentOwn = (organization: Organization): z.input<typeof OrganizationListed> => listed(organization, []);

const listed = (row: Organization | OwnOrganization, roles: string[]): z.input<typeof OrganizationListed> => ({
  id: typeId('org', row.id),
  name: row.name,
  slug: row.slug,
  plan: row.plan,
  status: row.deletedAt === null ? 'active' : 'deleted',
  roles,
  created_at: row.createdAt.toISOString(),
  deletion_due_at: row.deletionDueAt?.toISOString() ?? null,
});

export function presentStats(stats: OrganizationStats): z.input<typeof StatsOut> {
  return {
    members: stats.members,
    seats_taken: stats.seatsTaken,
    workspaces: stats.workspaces,
    webhook_endpoints: stats.webhookEndpoints,
    api_keys: stats.apiKeys,
    events_this_month: stats.eventsThisMonth,
    deliveries: stats.deliveries,
  };
}

export function presentLimits({ plan, limits, features, requestsPerHourPerKey }: LimitReport): z.input<typeof LimitsOut> {
  return { plan, limits, features, requests_per_hour_per_key: requestsPerHourPerKey };
}
