import type { Knex } from 'knex';
import type { Clock } from '../../server/clock.ts';
import type { Logger } from '../../server/logger.ts';
import type { SubjectKeys } from '../audit/subjectKeys.ts';
import type { Vault } from '../crypto/vault.ts';
import type { Auth } from './createAuth.ts';

/** What the services of signing in need: they open their transactions themselves, once they know whose rows to enter. */
export interface AuthDeps {
  knex: Knex;
  clock: Clock;
  logger: Logger;
  vault: Vault;
  subjectKeys: SubjectKeys;
  auth: Auth;
}
