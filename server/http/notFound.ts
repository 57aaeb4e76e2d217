import { AppError } from '../../services/errors/AppError.ts';

/** The one 404: for a path that is none, for what does not exist, and for what belongs to someone else. */
export const notFound = (): AppError => new AppError('not_found');
