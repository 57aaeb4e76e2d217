import { AppError } from '../../../../services/errors/AppError.ts';
import { demandsOn } from '../../../../services/mfa/demands.ts';
import { factorsOf, hasFactor } from '../../../../services/mfa/factors.ts';
import { assertFreshPerson } from '../../../../services/mfa/freshness.ts';
import { lockFactors } from '../../../../services/mfa/lockFactors.ts';
import { issueRecoveryCodes } from '../../../../services/mfa/recoveryCodes.ts';
import { reportChange } from '../../../../services/mfa/reportChange.ts';
import { route } from '../../route.ts';
import { FACTORS_EXAMPLE, RECOVERY_CODES_EXAMPLE } from './examples.ts';
import { factorDeps } from './factorDeps.ts';
import { presentFactors } from './present.ts';
import { FactorsOut, RecoveryCodesOut } from './schemas.ts';

export const mfaRoutes = [
  route({
    method: 'GET',
    path: '/auth/mfa',
    operationId: 'mfa.get',
    signedIn: true,
    summary: 'Get the own second factors',
    description:
      'What is set up, what was used in this session, and which organizations ask for it, with the end of their grace. No secret is shown.',
    responses: { 200: FactorsOut },
    examples: { responses: { 200: FACTORS_EXAMPLE } },
    async handler({ session, inUser }) {
      const body = await inUser(async (_trx, person) =>
        presentFactors(await factorsOf(person), await demandsOn(person, session.id), session),
      );
      return { status: 200, body };
    },
  }),
  route({
    method: 'POST',
    path: '/auth/mfa/recovery-codes',
    operationId: 'mfa.replace_recovery_codes',
    signedIn: true,
    summary: 'Replace the recovery codes',
    description:
      'Ten new codes, which are in this answer and nowhere else; the earlier ones do not work any more. Needs a second factor that was used in the last ten minutes.',
    responses: { 201: RecoveryCodesOut },
    errors: ['step_up_required', 'conflict'],
    examples: { responses: { 201: RECOVERY_CODES_EXAMPLE } },
    async handler({ session, inUser, deps }) {
      const { codes, mail } = await inUser(async (_trx, person) => {
        await lockFactors(person);
        if (!hasFactor(await factorsOf(person)))
          throw new AppError('conflict', { detail: 'There is no factor that codes could stand in for.' });
        await assertFreshPerson(person, session);
        const issued = await issueRecoveryCodes(person, factorDeps(deps).pepper);
        return { codes: issued, mail: await reportChange(person, session, 'mfa.replace_recovery_codes', 'recovery_codes_replaced') };
      });
      deps.mail.wake(mail);
      return { status: 201, body: { recovery_codes: codes } };
    },
  }),
];
