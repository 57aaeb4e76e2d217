import { WebhookVerificationError } from '../src/index.ts';
import type { WebhookVerificationCode } from '../src/index.ts';

/** The code that an action is refused with; null when it is not. Another error is thrown on. */
export function codeOf(action: () => unknown): WebhookVerificationCode | null {
  try {
    action();
    return null;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return error.code;
    throw error;
  }
}
