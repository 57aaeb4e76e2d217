import { AppError } from '../errors/AppError.ts';
import { clientNetwork } from './clientNetwork.ts';
import type { Origin } from './personContext.ts';
import type { Throttle } from './throttle.ts';

/**
 * Runs what a caller could be guessing at. It counts against the caller's address before it is tried, and not at all when it succeeded or failed
 * for a reason of ours. Throws too_many_attempts, and what `work` throws.
 */
export async function guardedByAddress<T>(throttle: Throttle, { ip }: Origin, work: () => Promise<T>): Promise<T> {
  const network = clientNetwork(ip);
  await throttle.take('address', network);
  try {
    const result = await work();
    await throttle.giveBack('address', network);
    return result;
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) await throttle.giveBack('address', network);
    throw error;
  }
}
