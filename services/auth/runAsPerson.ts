import type { Knex } from 'knex';
import type { Clock } from '../../server/clock.ts';
import type { SubjectKeys } from '../audit/subjectKeys.ts';
import type { Vault } from '../crypto/vault.ts';
import { runForUser } from '../runForUser.ts';
import type { Origin, PersonContext } from './personContext.ts';

interface PersonDeps {
  knex: Knex;
  clock: Clock;
  vault: Vault;
  subjectKeys: SubjectKeys;
}

/**
 * Runs `work` in one transaction fenced to one person (uuid) and commits it.
 * Throws what `work` throws; database errors come mapped (service_unavailable, conflict).
 */
export function runAsPerson<T>(
  { knex, clock, vault, subjectKeys }: PersonDeps,
  { userId, origin }: { userId: string; origin: Origin },
  work: (person: PersonContext) => Promise<T>,
): Promise<T> {
  return runForUser(knex, userId, (trx) => work({ trx, userId, origin, clock, vault, subjectKeys }));
}
