import { removeRetiredKeys } from '../../services/auth/signingKeys/rotate.ts';
import type { ActivityDeps } from '../deps.ts';

/** Removes keys that signed access tokens once and are over, with their private parts. Safe to repeat. */
export const removeSigningKeys =
  ({ systemKnex, clock, logger }: ActivityDeps) =>
  async (_args: { v: 1 }): Promise<{ removed: string[] }> => {
    const removed = await systemKnex.transaction((trx) => removeRetiredKeys(trx, clock.now()));
    logger.info({ kids: removed }, 'retired signing keys are removed');
    return { removed };
  };
