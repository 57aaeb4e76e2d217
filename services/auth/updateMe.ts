import { User } from '../../db/models/User.ts';
import { typeId } from '../../server/ids.ts';
import { actingPerson } from './actingPerson.ts';
import { auditPerson } from './auditPerson.ts';
import type { PersonContext } from './personContext.ts';
import type { SessionRecord } from './sessionRecord.ts';

/** Changes what the person says of themselves. */
export async function updateMe(
  person: PersonContext,
  session: SessionRecord,
  changes: { name?: string | null | undefined },
): Promise<User> {
  const { trx, userId, clock } = person;
  const before = await User.query(trx).findById(userId).forUpdate().throwIfNotFound();
  if (changes.name === undefined || changes.name === before.name) return before;
  const after = await User.query(trx).patchAndFetchById(userId, { name: changes.name, updatedAt: clock.now() });
  await auditPerson(person, actingPerson(session), {
    action: 'auth.me.update',
    category: 'user_management',
    targets: [{ type: 'user', id: typeId('usr', userId) }],
    before: { name: before.name },
    after: { name: after.name },
  });
  return after;
}
