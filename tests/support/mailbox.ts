import { withTenant } from '../../db/tenancy.ts';
import { createVault } from '../../services/crypto/vault.ts';
import { mailContext } from '../../services/mail/enqueueMail.ts';
import type { RenderedMail } from '../../services/mail/render.ts';
import type { TestDatabase } from './database.ts';
import { TEST_SECRETS } from './testConfig.ts';

/** Mails that wait for the worker, the oldest first, opened as the worker would: for tests in which no worker runs. */
export async function waitingMails(database: TestDatabase, to?: string): Promise<RenderedMail[]> {
  const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
  const rows = await database
    .system('mails')
    .whereNotNull('sealed')
    .orderBy('id')
    .select<{ id: string; for_org_id: string | null; sealed: Buffer }[]>('id', 'for_org_id', 'sealed');
  const mails = await Promise.all(
    rows.map(async ({ id, for_org_id: orgId, sealed }) => {
      const open = orgId === null ? vault : await withTenant(database.app, orgId, (trx) => vault.of(trx, orgId));
      return JSON.parse(open.open(sealed, mailContext(id)).toString('utf8')) as RenderedMail;
    }),
  );
  return to === undefined ? mails : mails.filter((mail) => mail.to === to);
}
