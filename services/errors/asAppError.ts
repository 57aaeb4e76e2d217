import { toAppError } from '../../db/errors.ts';
import { AppError } from './AppError.ts';

/** Any thrown value as an AppError: its own, a mapped database failure, or internal_error with the cause for the log. */
export function asAppError(error: unknown): AppError {
  const mapped = toAppError(error);
  return mapped instanceof AppError ? mapped : new AppError('internal_error', { cause: error });
}
