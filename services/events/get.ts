import { readEvent } from '../../db/queries/readEvents.ts';
import type { ReadEvent } from '../../db/queries/readEvents.ts';
import type { ReadContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';

/** One event with its payload. A credential bound to a workspace sees that workspace's only. Throws not_found. */
export async function getEvent({ trx, actor }: ReadContext, id: string): Promise<ReadEvent> {
  const event = await readEvent(trx, id, actor);
  if (!event) throw new AppError('not_found');
  return event;
}
