import type { Origin } from '../../../services/auth/personContext.ts';
import type { Ctx } from '../state.ts';

/** From where a request came. */
export const originOf = ({ ip, req, state }: Ctx): Origin => ({
  ip,
  userAgent: req.headers['user-agent'] ?? null,
  requestId: state.requestId,
});
