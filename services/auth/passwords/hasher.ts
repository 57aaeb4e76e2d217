import { hash, verify } from '@node-rs/argon2';
import { AppError } from '../../errors/AppError.ts';

/** argon2id as OWASP's cheat sheet has it for the least memory: 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const CURRENT = '$argon2id$v=19$m=19456,t=2,p=1$';
/** Nobody's: salt and hash are zeros. */
const NOBODYS = `${CURRENT}${'A'.repeat(22)}$${'A'.repeat(43)}`;
/** Hashing runs in the threads that verify signatures and resolve names too: it must not take all four. */
const AT_ONCE = 2;
const MOST_WAITING = 100;

export interface PasswordHasher {
  /** PHC text. Throws service_unavailable when too many wait. */
  hash(password: string): Promise<string>;
  /** Whether the password made the hash. null, for nobody's: takes as long, and is false. Throws service_unavailable. */
  verify(stored: string | null, password: string): Promise<boolean>;
  /** Whether a hash was made with weaker or other parameters than today's. */
  isOutdated(stored: string): boolean;
}

export function createPasswordHasher(): PasswordHasher {
  const turn = createTurnstile();
  return {
    hash: (password) => turn(() => hash(normal(password), PARAMETERS)),
    async verify(stored, password) {
      const matches = await turn(() => verify(stored ?? NOBODYS, normal(password)));
      return matches && stored !== null;
    },
    isOutdated: (stored) => !stored.startsWith(CURRENT),
  };
}

/** The same characters, however a keyboard composes them (NIST SP 800-63B section 5.1.1.2). */
const normal = (password: string): string => password.normalize('NFKC');

function createTurnstile(): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (waiting.length >= MOST_WAITING) throw new AppError('service_unavailable', { retryAfterSeconds: 2 });
    if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place goes on to who waits longest.
      if (next) next();
      else running -= 1;
    }
  };
}
