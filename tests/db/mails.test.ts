import { expect } from 'chai';
import type { Knex } from 'knex';
import { Presence } from '../../db/presence.ts';
import { withTenant, withUser } from '../../db/tenancy.ts';
import { newId } from '../../server/ids.ts';
import { claimMail, giveUpMail, postponeMail, recordSent } from '../../services/mail/delivery.ts';
import type { MailClaim } from '../../services/mail/delivery.ts';
import { useDatabase } from '../support/database.ts';

describe('mails in the database', () => {
  const database = useDatabase();
  const [org, user] = [newId(), newId()];
  const now = new Date();
  const mail = (owner: object) => ({
    id: newId(),
    template: 'test',
    sealed: Buffer.from('x'),
    next_attempt_at: now,
    created_at: now,
    give_up_at: now,
    ...owner,
  });

  it('an organization and a person post their own, and nobody else’s', async () => {
    await withTenant(database.app, org, (trx) => trx('mails').insert(mail({ for_org_id: org, for_user_id: newId() })));
    await withUser(database.app, user, (trx) => trx('mails').insert(mail({ for_user_id: user })));
    const foreign = [
      withTenant(database.app, org, (trx) => trx('mails').insert(mail({ for_org_id: newId() }))),
      withTenant(database.app, org, (trx) => trx('mails').insert(mail({ for_user_id: user }))),
      withUser(database.app, user, (trx) => trx('mails').insert(mail({ for_user_id: newId() }))),
      withUser(database.app, user, (trx) => trx('mails').insert(mail({ for_org_id: newId(), for_user_id: user }))),
      database.app('mails').insert(mail({ for_user_id: user })),
    ];
    for (const insert of foreign) expect(await sqlState(insert)).to.equal('42501');
  });

  it('artisan_app can read, change and remove none, not even its own: what is in the box is the worker’s', async () => {
    const tries: ((trx: Knex) => Promise<unknown>)[] = [
      async (trx) => trx('mails').select(),
      async (trx) => trx('mails').update({ attempts: 1 }),
      async (trx) => trx('mails').delete(),
    ];
    for (const attempt of tries) expect(await sqlState(withTenant(database.app, org, attempt))).to.equal('42501');
  });

  it('a mail that ended holds no content, and one that waits does', async () => {
    const sent = mail({ for_org_id: org, status: 'sent', finished_at: now });
    expect(await sqlState(database.system('mails').insert(sent))).to.equal('23514');
    expect(await sqlState(database.system('mails').insert(mail({ for_org_id: org, sealed: null })))).to.equal('23514');
    expect(await sqlState(database.system('mails').insert(mail({})))).to.equal('23514');
  });

  it('one is claimed by a process for which a session stands, and by one at a time; whoever lost its session claims none', async () => {
    const waiting = { ...mail({ for_org_id: org }), for_org_id: org, attempts: 0 };
    await database.system('mails').insert(waiting);
    const presences = [new Presence(database.urls.system), new Presence(database.urls.system)];
    const claim = (holder: string): Promise<MailClaim> => database.system.transaction((trx) => claimMail(trx, waiting, holder));
    expect(await claim(newId())).to.equal('absent');
    const [first, second] = [await presences[0]!.id(), await presences[1]!.id()];
    expect([await claim(first), await claim(second)]).to.deep.equal(['claimed', 'taken']);
    await presences[0]!.close();
    expect([await claim(first), await claim(second)]).to.deep.equal(['absent', 'claimed']);
    await presences[1]!.close();
  });

  it('whoever lost its claim records no failure, and neither gives the mail up nor frees it; that it was sent is so all the same', async () => {
    const waiting = { ...mail({ for_org_id: org }), for_org_id: org, attempts: 0 };
    const { id } = waiting;
    const [before, now] = [newId(), new Presence(database.urls.system)];
    await database.system('mails').insert({ ...waiting, claimed_by: before, claimed_until: new Date(Date.now() + 90_000) });
    const holder = await now.id();
    const as = (who: string) => ({ id, holder: who, error: 'etimedout' });
    const row = () => database.system('mails').where({ id }).first('status', 'attempts', 'claimed_by');
    await database.system.transaction(async (trx) => {
      expect(await claimMail(trx, waiting, holder)).to.equal('claimed');
      expect([await postponeMail(trx, as(before), new Date()), await giveUpMail(trx, as(before), new Date())]).to.deep.equal([
        false,
        false,
      ]);
    });
    expect(await row()).to.deep.equal({ status: 'queued', attempts: 0, claimed_by: holder });
    await database.system.transaction((trx) => recordSent(trx, id, new Date()));
    expect(await row()).to.deep.equal({ status: 'sent', attempts: 1, claimed_by: null });
    expect(await database.system.transaction((trx) => postponeMail(trx, as(holder), new Date()))).to.equal(false);
    await now.close();
  });
});

const sqlState = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => 'no error',
    (error: { code?: string }) => error.code,
  );
