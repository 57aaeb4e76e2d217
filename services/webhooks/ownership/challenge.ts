import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { envelope } from '../../events/envelope.ts';

/** Type of the body that asks a receiver to echo a challenge. It is no event: nothing is recorded and nobody subscribes to it. */
export const VERIFICATION_TYPE = 'webhook.verification';

const CHALLENGE_BYTES = 32;

export interface Challenge {
  /** What the receiver has to say, 43 characters of base64url. */
  text: string;
  /** The body that is posted. */
  body: string;
}

/** A challenge that nobody can guess. */
export function newChallenge(now: Date): Challenge {
  const text = randomBytes(CHALLENGE_BYTES).toString('base64url');
  return { text, body: envelope({ type: VERIFICATION_TYPE, occurredAt: now, data: { challenge: text } }) };
}

/**
 * Whether an answer is the challenge: `{"challenge":"…"}`, or its bare text. The question has it one level deeper, so that a server
 * that returns whatever it is sent does not pass. Compared in constant time.
 */
export function isEcho({ text }: Challenge, answer: string | null): boolean {
  const said = answer === null ? null : challengeIn(answer.trim());
  return said !== null && timingSafeEqual(digest(said), digest(text));
}

function challengeIn(answer: string): string | null {
  if (!answer.startsWith('{')) return answer;
  try {
    const { challenge } = JSON.parse(answer) as { challenge?: unknown };
    return typeof challenge === 'string' ? challenge : null;
  } catch {
    return null;
  }
}

/** Of one length, which timingSafeEqual asks for. */
const digest = (text: string): Buffer => hash('sha256', text, 'buffer');
