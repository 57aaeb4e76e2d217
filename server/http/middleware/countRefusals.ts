import { AppError } from '../../../services/errors/AppError.ts';
import type { ErrorCodeName } from '../../../services/errors/codes.ts';
import type { Deps } from '../../deps.ts';
import type { SignInRefusal } from '../../metrics.ts';
import type { Mount } from '../mounts.ts';
import type { Step } from '../state.ts';

const REFUSALS: Partial<Record<ErrorCodeName, SignInRefusal>> = {
  invalid_credentials: 'password',
  wrong_password: 'password',
  second_factor_refused: 'second_factor',
};
/** By the count that refused it. */
const LOCKS: Readonly<Record<string, SignInRefusal>> = {
  password: 'account_locked',
  second_factor: 'account_locked',
  address: 'network_locked',
};

/** Counts what an attack on accounts or keys looks like to an operator: refused proofs, stolen refresh tokens, forged leak reports. */
export function countRefusals({ route }: Mount, { metrics }: Pick<Deps, 'metrics'>): Step | null {
  // All that somebody could guess at is guarded, and says so.
  if (!route.errors?.includes('too_many_attempts')) return null;
  return async (ctx, next) => {
    try {
      await next(ctx);
    } catch (error) {
      if (error instanceof AppError) countRefusal(metrics, error);
      throw error;
    }
  };
}

/** Counts the error if it is such a refusal, wherever it was answered: by a route or by a page. */
export function countRefusal({ signInsRefused, refreshTokensReused, leakReports }: Deps['metrics'], { code, internal }: AppError): void {
  const lock = code === 'too_many_attempts' ? LOCKS[String(internal?.['throttle'])] : undefined;
  const reason = REFUSALS[code] ?? lock;
  if (reason !== undefined) signInsRefused.inc({ reason });
  if (code === 'refresh_token_reused') refreshTokensReused.inc();
  if (code === 'report_signature_invalid') leakReports.inc({ outcome: 'refused' });
}
