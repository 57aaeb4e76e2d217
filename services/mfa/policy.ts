import type { Grant } from '../../db/queries/grant.ts';
import { typeId } from '../../server/ids.ts';
import type { MfaSettings } from '../organizations/settings.ts';
import { PHISHING_RESISTANT } from './factorProof.ts';

/** What a session proved. */
export interface ProvenSession {
  amr: readonly string[];
  mfaAt: Date | null;
}

/** Whether the policy asks a second factor of who has these roles, in the whole organization or in any of its workspaces. */
export function concerns(
  { policy, roles }: Pick<MfaSettings, 'policy' | 'roles'>,
  grants: readonly Pick<Grant, 'role' | 'role_id'>[],
): boolean {
  if (policy === 'roles') return grants.some((grant) => roles.includes(roleName(grant)));
  return policy === 'required';
}

/** As settings name it: a built-in role by its name, one of the organization's own by its public id. */
const roleName = ({ role, role_id: id }: Pick<Grant, 'role' | 'role_id'>): string => role ?? (id ? typeId('rol', id) : '');

/** Whether a factor that the policy accepts was used in this session. That one is set up counts for nothing. */
export const satisfies = ({ phishingResistantOnly }: MfaSettings, { amr, mfaAt }: ProvenSession): boolean =>
  mfaAt !== null && (!phishingResistantOnly || amr.some((method) => PHISHING_RESISTANT.has(method)));

/** Whether refusals still wait. */
export const inGrace = ({ graceUntil }: MfaSettings, now: Date): boolean => graceUntil !== null && graceUntil > now;
