import type { Client } from '@temporalio/client';
import type { Logger } from '../../server/logger.ts';
import { bestEffort } from '../bestEffort.ts';
import type { PromisedMail } from './enqueueMail.ts';
import { startMailDelivery } from './lifecycle.ts';

/** Has mails sent that are committed. Nobody waits for it: what it cannot start the relay starts within half a minute. */
export class MailWaker {
  readonly #deps: { temporal: Client; logger: Logger };
  readonly #starting = new Set<Promise<void>>();

  constructor(deps: { temporal: Client; logger: Logger }) {
    this.#deps = deps;
  }

  /** Call it after the commit. Returns at once. */
  wake(...mails: readonly PromisedMail[]): void {
    for (const mail of mails) {
      const starting = bestEffort(this.#deps.logger, 'the relay has the mail sent', startMailDelivery(this.#deps.temporal, mail));
      this.#starting.add(starting);
      void starting.finally(() => this.#starting.delete(starting));
    }
  }

  /** Waits for those that are on their way. */
  async close(): Promise<void> {
    await Promise.all(this.#starting);
  }
}
