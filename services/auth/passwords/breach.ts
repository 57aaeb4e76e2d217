import { hash } from 'node:crypto';
import type { Logger } from '../../../server/logger.ts';

export interface BreachCheck {
  /** Whether the password is in a public list of stolen ones. False when nobody can tell: the check never blocks. */
  knows(password: string): Promise<boolean>;
}

export const NO_BREACH_CHECK: BreachCheck = { knows: async () => false };

const TIMEOUT_MS = 1_500;
const PREFIX_LENGTH = 5;
/** An answer has about 1,000 lines of 40 characters. */
const MAX_ANSWER = 500_000;

/**
 * Asks a service that speaks the range protocol of Have I Been Pwned (k-anonymity: it hears the first 5 of 40 hex digits of the SHA-1, and with
 * padding not even the number of hits). `url` ends with a slash.
 */
export function createBreachCheck(url: string, logger: Logger): BreachCheck {
  return {
    async knows(password) {
      const digest = hash('sha1', password.normalize('NFKC'), 'hex').toUpperCase();
      try {
        const response = await fetch(new URL(digest.slice(0, PREFIX_LENGTH), url), {
          headers: { 'Add-Padding': 'true' },
          redirect: 'error',
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        if (!response.ok) throw new Error(`The service of stolen passwords answered ${response.status}`);
        return holds((await response.text()).slice(0, MAX_ANSWER), digest.slice(PREFIX_LENGTH));
      } catch (error) {
        logger.warn({ err: error }, 'a password was accepted without asking whether it was stolen');
        return false;
      }
    },
  };
}

/** Lines read `<suffix>:<count>`; a count of 0 is padding. */
const holds = (answer: string, suffix: string): boolean =>
  answer.split('\n').some((line) => line.startsWith(`${suffix}:`) && Number(line.slice(suffix.length + 1)) > 0);
