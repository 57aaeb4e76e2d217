import { RecoveryCode } from '../../db/models/RecoveryCode.ts';
import { TotpFactor } from '../../db/models/TotpFactor.ts';
import { WebauthnCredential } from '../../db/models/WebauthnCredential.ts';
import { typeId } from '../../server/ids.ts';
import { AppError } from '../errors/AppError.ts';
import { lockFactors } from './lockFactors.ts';
import { demandsOn } from './demands.ts';
import type { Demand } from './demands.ts';
import { factorsOf, hasFactor } from './factors.ts';
import type { Factors } from './factors.ts';
import type { PersonContext } from '../auth/personContext.ts';

/** Ends the authenticator app of a person. Throws not_found, factor_required. */
export const removeTotp = (person: PersonContext, sessionId: string): Promise<void> =>
  remove(person, sessionId, ({ trx, userId }) => TotpFactor.query(trx).where({ user_id: userId }).whereNotNull('confirmed_at').delete());

/** Ends a passkey or security key (uuid) of a person. Throws not_found, factor_required. */
export const removeCredential = (person: PersonContext, sessionId: string, id: string): Promise<void> =>
  remove(person, sessionId, ({ trx, userId }) => WebauthnCredential.query(trx).where({ user_id: userId, id }).delete());

/** Under the lock of the person's factors: of two that are left and removed at the same moment, an organization that asks for one keeps one. */
async function remove(person: PersonContext, sessionId: string, take: (person: PersonContext) => PromiseLike<number>): Promise<void> {
  await lockFactors(person);
  if ((await take(person)) === 0) throw new AppError('not_found');
  const left = await factorsOf(person);
  const unmet = (await demandsOn(person, sessionId)).filter((demand) => !couldMeet(demand, left));
  if (unmet.length > 0) throw factorRequired(unmet);
  if (!hasFactor(left)) await RecoveryCode.query(person.trx).where({ user_id: person.userId }).delete();
}

const couldMeet = ({ policy }: Demand, left: Factors): boolean =>
  policy.phishingResistantOnly ? left.credentials.length > 0 : hasFactor(left);

const factorRequired = (unmet: Demand[]): AppError =>
  new AppError('factor_required', {
    detail: `${unmet.map(({ name }) => name).join(', ')} asks for a second factor, and this is the last that would do. Add another one first.`,
    extensions: { organization_ids: unmet.map(({ orgId }) => typeId('org', orgId)) },
  });
