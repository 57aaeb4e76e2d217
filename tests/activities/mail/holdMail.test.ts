import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { holdMail } from '../../../activities/mail/holdMail.ts';
import { Presence } from '../../../db/presence.ts';
import { newId } from '../../../server/ids.ts';
import { waitUntil } from '../../../server/local/waitUntil.ts';
import { createLogger } from '../../../server/logger.ts';
import { postponeMail } from '../../../services/mail/delivery.ts';
import type { WaitingMail } from '../../../services/mail/delivery.ts';
import { useDatabase } from '../../support/database.ts';

const OFTEN = { renewEveryMs: 20 };

describe('holding a mail while it is sent', () => {
  const database = useDatabase();
  const logger = createLogger('silent', 'test');
  let deps: Parameters<typeof holdMail>[0];
  before(() => {
    deps = { presence: new Presence(database.urls.system), systemKnex: database.system, logger };
  });
  after(() => deps.presence.close());

  const post = async (): Promise<WaitingMail> => {
    const now = new Date();
    const due = { next_attempt_at: now, give_up_at: now, created_at: now };
    const mail = { id: newId(), for_org_id: newId(), template: 'test', sealed: Buffer.from('x'), attempts: 0, ...due };
    await database.system('mails').insert(mail);
    return mail;
  };
  const row = ({ id }: WaitingMail) => database.system('mails').where({ id }).first('status', 'attempts', 'claimed_by', 'claimed_until');
  const blocked = async (): Promise<number> =>
    (await database.system('pg_stat_activity').whereRaw("datname = current_database() AND wait_event_type = 'Lock'")).length;

  it('renewals do not overtake each other, and the last one has ended before the attempt is recorded: by who holds the mail by then', async () => {
    const mail = await post();
    const before = await deps.presence.id();
    const { held } = await holdMail(
      deps,
      mail,
      async () => {
        const lock = await database.system.transaction();
        try {
          await lock('mails').where({ id: mail.id }).forUpdate().first('id');
          deps.presence.leave(before);
          await waitUntil('a renewal that waits', async () => ((await blocked()) > 0 ? true : null), { timeoutMs: 2_000 });
          // Time for several more.
          await sleep(200);
          expect(await blocked()).to.equal(1);
        } finally {
          // Postgres answers after the mail server.
          setTimeout(() => void lock.rollback(), 100);
        }
      },
      OFTEN,
    );
    expect(held.holder).not.to.equal(before);
    expect((await row(mail)).claimed_by).to.equal(held.holder);
    const failed = { id: mail.id, holder: held.holder, error: 'etimedout' };
    expect(await database.system.transaction((trx) => postponeMail(trx, failed, new Date()))).to.equal(true);
    expect(await row(mail)).to.include({ status: 'retrying', attempts: 1, claimed_by: null });
  });

  it('an attempt has an end: its signal aborts, and from then on the claim is not renewed', async () => {
    const mail = await post();
    const until = async (): Promise<number> => (await row(mail)).claimed_until.getTime();
    const { result } = await holdMail(
      deps,
      mail,
      async (signal) => {
        const first = await until();
        await waitUntil('a renewal', async () => ((await until()) > first ? true : null), { timeoutMs: 2_000, everyMs: 10 });
        await waitUntil('the end of the attempt', () => (signal.aborted ? true : null), { timeoutMs: 2_000, everyMs: 10 });
        await sleep(100);
        const last = await until();
        await sleep(100);
        return (await until()) - last;
      },
      { ...OFTEN, attemptMs: 300 },
    );
    expect(result).to.equal(0);
  });
});
