import type { SessionRecord } from '../auth/sessionRecord.ts';
import { organizationSettings } from '../organizations/settings.ts';
import { mfaRequired } from './mfaRequired.ts';
import { concerns, inGrace, satisfies } from './policy.ts';

/** Throws mfa_required when the organization that the session has entered asks for a factor that was not used in it, and its grace is over. */
export function assertPolicy({ organization, amr, mfaAt }: SessionRecord, now: Date): void {
  if (!organization) return;
  const { mfa } = organizationSettings(organization.settings);
  if (!concerns(mfa, organization.grants) || satisfies(mfa, { amr, mfaAt }) || inGrace(mfa, now)) return;
  throw mfaRequired(mfa);
}
