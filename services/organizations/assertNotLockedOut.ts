import { isDeepStrictEqual } from 'node:util';
import { memberGrants } from '../../db/queries/memberGrants.ts';
import { personSession } from '../access/personSession.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { assertFresh } from '../mfa/freshness.ts';
import { concerns, satisfies } from '../mfa/policy.ts';
import { addressList } from '../network/addressList.ts';
import type { OrganizationSettings } from './settings.ts';

/**
 * Nobody shuts the door behind which they stand: API access is not switched off with an API key, and a policy of second factors is set by a person
 * who satisfies it, grace or not. Throws conflict, permission_denied, step_up_required, mfa_required.
 */
export async function assertNotLockedOut(tenant: TenantContext, current: OrganizationSettings, next: OrganizationSettings): Promise<void> {
  const { trx, actor, clock } = tenant;
  if (current.apiEnabled && !next.apiEnabled && actor.type === 'api_key') {
    throw new AppError('conflict', { detail: 'This key would lock itself out. Sign in as a person to switch API access off.' });
  }
  if (actor.type === 'api_key' && !mayComeBack(next.apiKeys.allowedIps, actor.ip)) {
    throw new AppError('conflict', { detail: `This key would lock itself out: ${actor.ip} is in none of the networks.` });
  }
  if (isDeepStrictEqual(current.mfa, next.mfa)) return;
  const session = personSession(actor, 'The policy of second factors is changed by a person: send the access token of a session.');
  const concerned = concerns(next.mfa, (await memberGrants(trx, actor.orgId, actor.id)) ?? []);
  assertFresh(session, clock.now(), session.mfaAt !== null || concerned);
  if (!concerned || satisfies(next.mfa, session)) return;
  throw new AppError('mfa_required', {
    detail: 'This policy would lock you out: use a second factor that it accepts in this session first.',
    extensions: { step_up: '/api/v1/auth/mfa/verify' },
  });
}

const mayComeBack = (networks: readonly string[], ip: string | null): boolean =>
  networks.length === 0 || (ip !== null && addressList(networks).includes(ip));
