import { mailContext } from '../../services/mail/enqueueMail.ts';
import type { RenderedMail } from '../../services/mail/render.ts';
import { createVault } from '../../services/crypto/vault.ts';
import type { TestDatabase } from './database.ts';
import { TEST_SECRETS } from './testConfig.ts';

/** A mail that waits for the worker, which no test runs beside this. */
export interface WaitingMail extends RenderedMail {
  template: string;
}

/** What is on its way to an address, the oldest first, but for mails of organizations (see mailbox.ts). */
export async function mailsTo(database: TestDatabase, address: string): Promise<WaitingMail[]> {
  const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
  const rows: { id: string; template: string; sealed: Buffer }[] = await database
    .system('mails')
    .whereNull('finished_at')
    .whereNull('for_org_id')
    .orderBy('id');
  const mails = rows.map(({ id, template, sealed }) => {
    const mail = JSON.parse(vault.open(sealed, mailContext(id)).toString('utf8')) as RenderedMail;
    return { ...mail, template };
  });
  return mails.filter(({ to }) => to === address);
}

/** The token of the newest mail to an address: `vt_…`, `pt_…`, `ct_…`. */
export async function tokenMailedTo(database: TestDatabase, address: string): Promise<string> {
  const newest = (await mailsTo(database, address)).at(-1);
  const token = /^ {4}((?:vt|pt|ct)_[\w-]+)$/m.exec(newest?.text ?? '')?.[1];
  if (token === undefined) throw new Error(`no mail with a token waits for ${address}`);
  return token;
}
