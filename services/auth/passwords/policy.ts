import { AppError } from '../../errors/AppError.ts';
import type { BreachCheck } from './breach.ts';
import { COMMON_PASSWORDS } from './commonPasswords.ts';

export const PASSWORD_MIN = 12;
export const PASSWORD_MAX = 128;
/** `aaaaaaaaaaaa` and `abababababab` are long and nothing else. */
const LEAST_DISTINCT = 5;

interface Candidate {
  password: string;
  /** Normalized. */
  email: string;
  /** Where the request has it: `body.password`. */
  location: string;
}

/**
 * Length, and not what attackers try first (NIST SP 800-63B section 5.1.1.2); no rules about kinds of characters. The same for every address,
 * known or not. Throws password_refused.
 */
export async function assertPassword({ password, email, location }: Candidate, breaches: BreachCheck): Promise<void> {
  const fault = faultOf(password, email) ?? ((await breaches.knows(password)) ? 'is in a public list of stolen passwords' : null);
  if (fault !== null) throw new AppError('password_refused', { fields: [{ location, message: fault }], detail: `The password ${fault}.` });
}

function faultOf(password: string, email: string): string | null {
  const normal = password.normalize('NFKC').toLowerCase();
  const { length } = Array.from(password);
  if (length < PASSWORD_MIN) return `has fewer than ${PASSWORD_MIN} characters`;
  if (length > PASSWORD_MAX) return `has more than ${PASSWORD_MAX} characters`;
  if (resembles(normal, email)) return 'resembles the e-mail address';
  if (new Set(normal).size < LEAST_DISTINCT || isRun(normal) || COMMON_PASSWORDS.has(normal)) return 'is one that attackers try first';
  return null;
}

/** The address, its local part, or either with digits and signs around it. */
function resembles(password: string, email: string): boolean {
  const bare = (text: string): string => text.replace(/^[\d\W_]+|[\d\W_]+$/g, '');
  const local = email.slice(0, email.lastIndexOf('@'));
  return password === email || [email, local].some((part) => bare(part) !== '' && bare(password) === bare(part));
}

/** Every character follows the one before, up or down, as in `abcdefghijkl` and `987654321098`. */
function isRun(password: string): boolean {
  const codes = Array.from(password, (character) => character.codePointAt(0)!);
  const steps = codes.slice(1).map((code, index) => code - codes[index]!);
  return [1, -1].some((step) => steps.every((each) => each === step || each === step * -9));
}
