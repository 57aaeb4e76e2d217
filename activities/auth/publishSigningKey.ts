import { publishSigningKey as publish } from '../../services/auth/signingKeys/rotate.ts';
import type { PublishArgs, Published } from '../../workflows/signingKeyRotation/contract.ts';
import type { ActivityDeps } from '../deps.ts';

/** Makes the next key that signs access tokens. Safe to repeat: a rotation finds the key that it made. */
export const publishSigningKey =
  (deps: ActivityDeps) =>
  async ({ leadSeconds, overlapSeconds, since }: PublishArgs): Promise<Published> => {
    const rotation = { leadSeconds, overlapSeconds, since: new Date(since) };
    const { kid, activatesAt, retiresAt } = await deps.systemKnex.transaction((trx) => publish(trx, deps, rotation));
    deps.logger.info({ kid, activates_at: activatesAt, earlier_retire_at: retiresAt }, 'a new signing key is published');
    return { kid, activatesAt: activatesAt.toISOString(), retiresAt: retiresAt.toISOString() };
  };
