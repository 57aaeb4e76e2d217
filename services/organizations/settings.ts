import { builtInRole } from '../access/builtInRoles.ts';
import { parseTypeId } from '../../server/ids.ts';

export const MFA_POLICIES = ['none', 'required', 'roles'] as const;
export const JOIN_ROLES = ['member', 'viewer'] as const;

/** Who has to use a second factor. `roles` (built-in names, and ids such as `rol_…`) counts only with the policy of that name. */
export interface MfaSettings {
  policy: (typeof MFA_POLICIES)[number];
  roles: readonly string[];
  /** Until then members are reminded, afterwards refused; null: refused at once. */
  graceUntil: Date | null;
  /** Only factors that cannot be passed on to a stranger's page count: passkeys. */
  phishingResistantOnly: boolean;
}

export interface ApiKeySettings {
  /** null: a key may live for ever. */
  maxLifetimeDays: number | null;
  /** Keys are rotated by themselves after so many days; null: never. */
  rotationDays: number | null;
  /** A rotated key goes so long after its successor was first used; null: at the end of its grace. */
  retireAfterFirstUseMinutes: number | null;
  /** A key that is reported as leaked is switched off at once. */
  disableLeaked: boolean;
  /** Networks (CIDR) that every key of the organization may be used from; none: all. */
  allowedIps: readonly string[];
}

/** What a verified domain is good for. */
export interface DomainSettings {
  /** People with a verified address of it may join by themselves, with this role. */
  join: boolean;
  joinRole: (typeof JOIN_ROLES)[number];
  /** Only such people may be invited. */
  restrictMembers: boolean;
}

export interface OrganizationSettings {
  /** `#rrggbb` */
  primaryColor: string | null;
  /** An https address. */
  logoUrl: string | null;
  ssoEnabled: boolean;
  /** false: every API key of the organization is refused. */
  apiEnabled: boolean;
  mfa: MfaSettings;
  apiKeys: ApiKeySettings;
  domains: DomainSettings;
}

type Fields = Record<string, unknown>;

/**
 * What `organizations.settings` says, with every default filled in: the one way to read it. Never throws; a value that makes no sense
 * counts as absent. Stored in snake_case (`api_keys.max_lifetime_days`).
 */
export function organizationSettings(raw: unknown): OrganizationSettings {
  const settings = fieldsOf(raw);
  return {
    primaryColor: matching(settings['primary_color'], /^#[0-9a-f]{6}$/i),
    logoUrl: matching(settings['logo_url'], /^https:\/\//),
    ssoEnabled: flag(settings['sso_enabled'], false),
    apiEnabled: flag(settings['api_enabled'], true),
    mfa: mfaSettings(fieldsOf(settings['mfa'])),
    apiKeys: apiKeySettings(fieldsOf(settings['api_keys'])),
    domains: domainSettings(fieldsOf(settings['domains'])),
  };
}

const mfaSettings = (mfa: Fields): MfaSettings => ({
  policy: oneOf(mfa['policy'], MFA_POLICIES, 'none'),
  roles: texts(mfa['roles']).flatMap((name) => builtInRole(name) ?? (parseTypeId('rol', name) === null ? [] : [name])),
  graceUntil: instant(mfa['grace_until']),
  phishingResistantOnly: flag(mfa['phishing_resistant_only'], false),
});

const apiKeySettings = (keys: Fields): ApiKeySettings => ({
  maxLifetimeDays: wholeOrNull(keys['max_lifetime_days'], 366),
  rotationDays: wholeOrNull(keys['rotation_days'], null),
  retireAfterFirstUseMinutes: wholeOrNull(keys['retire_after_first_use_minutes'], 60),
  disableLeaked: flag(keys['disable_leaked'], true),
  allowedIps: texts(keys['allowed_ips']),
});

const domainSettings = (domains: Fields): DomainSettings => ({
  join: flag(domains['join'], false),
  joinRole: oneOf(domains['join_role'], JOIN_ROLES, 'member'),
  restrictMembers: flag(domains['restrict_members'], false),
});

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const flag = (value: unknown, otherwise: boolean): boolean => (typeof value === 'boolean' ? value : otherwise);

const matching = (value: unknown, shape: RegExp): string | null => (typeof value === 'string' && shape.test(value) ? value : null);

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []);

const oneOf = <T extends string>(value: unknown, choices: readonly T[], otherwise: T): T =>
  choices.find((choice) => choice === value) ?? otherwise;

/** null is a choice of its own; what is absent or no positive whole number is not. */
const wholeOrNull = (value: unknown, otherwise: number | null): number | null =>
  value === null || (Number.isSafeInteger(value) && (value as number) > 0) ? (value as number | null) : otherwise;

function instant(value: unknown): Date | null {
  const date = new Date(typeof value === 'string' ? value : NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** The settings as they are stored, and as the API shows them. */
export function storedSettings({ mfa, apiKeys, domains, ...settings }: OrganizationSettings) {
  return {
    primary_color: settings.primaryColor,
    logo_url: settings.logoUrl,
    sso_enabled: settings.ssoEnabled,
    api_enabled: settings.apiEnabled,
    mfa: {
      policy: mfa.policy,
      roles: [...mfa.roles],
      grace_until: mfa.graceUntil?.toISOString() ?? null,
      phishing_resistant_only: mfa.phishingResistantOnly,
    },
    api_keys: {
      max_lifetime_days: apiKeys.maxLifetimeDays,
      rotation_days: apiKeys.rotationDays,
      retire_after_first_use_minutes: apiKeys.retireAfterFirstUseMinutes,
      disable_leaked: apiKeys.disableLeaked,
      allowed_ips: [...apiKeys.allowedIps],
    },
    domains: { join: domains.join, join_role: domains.joinRole, restrict_members: domains.restrictMembers },
  };
}
