import type { Transaction } from 'objection';

/** What a finished delivery becomes when it is sent again: due now, with all its retries; numbers of attempts go on. */
export const dueAgain = (trx: Transaction) => ({
  status: 'pending',
  replay: true,
  failures: 0,
  next_attempt_at: trx.fn.now(),
  delivered_at: null,
  claim_id: null,
  claimed_until: null,
});
