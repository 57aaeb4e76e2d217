import { AppError } from '../../errors/AppError.ts';
import { parseFilter } from './parse.ts';

/** Throws validation_failed naming each fault below `body.filter`; null is no filter. */
export function assertFilter(filter: unknown): void {
  if (filter === null) return;
  const { faults } = parseFilter(filter, 'body.filter');
  if (faults !== null) throw new AppError('validation_failed', { detail: 'The filter is not valid.', fields: faults });
}
