import type { Middleware } from 'koa';
import type { Deps } from '../../deps.ts';
import type { RequestState } from '../state.ts';

/** Counts what each API key was used for, and answered: also what it was refused, once its secret was proven. */
export function countUsage({ keyUsage, clock }: Pick<Deps, 'keyUsage' | 'clock'>): Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      await next();
    } finally {
      const { key, actor, operationId } = ctx.state;
      if (key && operationId) {
        const { orgId, id: keyId } = key;
        const accepted = actor !== null;
        keyUsage.count({ orgId, keyId, operation: operationId, status: ctx.status, at: clock.now(), accepted, ip: ctx.ip });
      }
    }
  };
}
