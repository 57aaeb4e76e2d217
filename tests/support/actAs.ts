import { systemClock } from '../../server/clock.ts';
import type { Clock } from '../../server/clock.ts';
import { createSubjectKeys } from '../../services/audit/subjectKeys.ts';
import type { PersonContext } from '../../services/auth/personContext.ts';
import { runAsPerson } from '../../services/auth/runAsPerson.ts';
import { createVault } from '../../services/crypto/vault.ts';
import type { TestDatabase } from './database.ts';
import { TEST_SECRETS } from './testConfig.ts';

/** Runs `work` in a transaction of one person, as a request would. */
export function actAs<T>(
  database: TestDatabase,
  { userId }: { userId: string },
  work: (person: PersonContext) => Promise<T>,
  clock: Clock = systemClock,
): Promise<T> {
  const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
  const deps = { knex: database.app, clock, vault, subjectKeys: createSubjectKeys(vault) };
  return runAsPerson(deps, { userId, origin: { ip: null, userAgent: null, requestId: null } }, work);
}
