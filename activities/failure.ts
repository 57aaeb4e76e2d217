import { ApplicationFailure } from '@temporalio/common';
import { toAppError } from '../db/errors.ts';
import { AppError } from '../services/errors/AppError.ts';

/** What an activity throws, as Temporal knows it: the code as the type, retried only when the same call may succeed later. Details stay in the log. */
export function toFailure(error: unknown): unknown {
  const known = toAppError(error);
  if (!(known instanceof AppError)) return error;
  return ApplicationFailure.create({ type: known.code, message: known.message, nonRetryable: !known.retryable });
}

/** Wraps every activity so that no database error or secret reaches a history. */
export function withFailures<A extends Record<string, (...args: never[]) => Promise<unknown>>>(activities: A): A {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (...args: never[]) => {
      try {
        return await activity(...args);
      } catch (error) {
        throw toFailure(error);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as A;
}
