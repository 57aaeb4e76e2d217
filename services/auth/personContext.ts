import type { Transaction } from 'objection';
import type { Clock } from '../../server/clock.ts';
import type { SubjectKeys } from '../audit/subjectKeys.ts';
import type { Vault } from '../crypto/vault.ts';

/** From where somebody acts. */
export interface Origin {
  ip: string | null;
  userAgent: string | null;
  requestId: string | null;
}

/** What a service about one person gets: an open transaction, fenced to that person, and from where the request came. */
export interface PersonContext {
  trx: Transaction;
  /** Database uuid. */
  userId: string;
  origin: Origin;
  clock: Clock;
  vault: Vault;
  subjectKeys: SubjectKeys;
}
