import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createKnex } from '../../db/knex.ts';
import { withTenant, withUser } from '../../db/tenancy.ts';
import { systemClock } from '../../server/clock.ts';
import { newId, typeId } from '../../server/ids.ts';
import { startMailSink } from '../../server/local/mailSink.ts';
import type { CaughtMail, MailSink } from '../../server/local/mailSink.ts';
import { enqueueMail } from '../../services/mail/enqueueMail.ts';
import type { PromisedMail } from '../../services/mail/enqueueMail.ts';
import { startMailDelivery } from '../../services/mail/lifecycle.ts';
import { link, paragraph } from '../../services/mail/template.ts';
import type { MailTemplate } from '../../services/mail/template.ts';
import { startOutboxRelay } from '../../services/outbox/lifecycle.ts';
import { workflowId } from '../../workflows/mailDelivery/contract.ts';
import * as outboxRelay from '../../workflows/outboxRelay/contract.ts';
import { useDatabase } from '../support/database.ts';
import { createOrganization } from '../support/factories.ts';
import type { TestOrganization } from '../support/factories.ts';
import { recordHistory } from '../support/recordHistory.ts';
import { useWorker } from '../support/worker.ts';

const SECRET = 'token-4f1c2a';
const template: MailTemplate<{ token: string }> = {
  name: 'test',
  example: { token: 'x' },
  write: ({ token }) => ({ subject: 'A test', body: [paragraph('Hello.'), link('Open', `https://app.example/#${token}`)] }),
};

interface MailRow {
  status: string;
  attempts: number;
  sealed: Buffer | null;
  last_error: string | null;
}

describe('mailDelivery', function () {
  this.timeout(30_000);
  const database = useDatabase();
  let sink: MailSink;
  /** What the sink answers to a recipient; consumed from the front. */
  const answers: (number | null)[] = [];
  before('start the sink', async () => {
    sink = await startMailSink({ refuse: () => answers.shift() ?? null });
  });
  after(() => sink.close());
  const worker = useWorker(database, () => ({ SMTP_URL: sink.url, MAIL_FROM: 'Artisan <no-reply@artisan.example>' }));
  let organization: TestOrganization;
  before(async () => {
    organization = await createOrganization(database);
  });

  const post = (to: string, usefulUntil?: Date): Promise<PromisedMail> =>
    withTenant(database.app, organization.orgId, (trx) => {
      const mail = { to, template, data: { token: SECRET }, orgId: organization.orgId, userId: null };
      return enqueueMail({ trx, vault: worker.deps.vault, clock: systemClock }, { ...mail, ...(usefulUntil && { usefulUntil }) });
    });
  const idOf = ({ mailId }: PromisedMail): string => workflowId({ mailId: typeId('eml', mailId) });
  const deliver = async (mail: PromisedMail): Promise<MailRow> => {
    await startMailDelivery(worker.deps.temporal, mail);
    await worker.deps.temporal.workflow.getHandle(idOf(mail)).result();
    return row(mail);
  };
  const row = async ({ mailId }: PromisedMail): Promise<MailRow> =>
    (await database.system('mails').where({ id: mailId }).first()) as MailRow;
  const caught = (to: string): CaughtMail[] => sink.mails.filter((mail) => mail.to.includes(to));

  it('sends both versions with a Message-ID of the mail’s own, and erases recipient and content', async () => {
    const mail = await post('ada@acme.example');
    expect((await row(mail)).sealed!.toString('latin1')).not.to.match(/ada@acme|token-4f/);
    expect(await deliver(mail)).to.include({ status: 'sent', attempts: 1, sealed: null });
    const [received] = caught('ada@acme.example');
    expect(received).to.include({
      subject: 'A test',
      from: 'no-reply@artisan.example',
      messageId: `<${typeId('eml', mail.mailId)}@artisan.example>`,
    });
    expect(received!.text).to.contain(`https://app.example/#${SECRET}`);
    expect(received!.html).to.contain(`<a href="https://app.example/#${SECRET}"`);
    expect(received!.headers).to.include({ 'auto-submitted': 'auto-generated' });
    await worker.deps.temporal.workflow.getHandle(idOf(mail)).result();
  });

  it('a mail server that is busy is asked again, and one that refuses the recipient for good is not; codes are kept, not its words', async () => {
    answers.push(451, null);
    const busy = await post('busy@acme.example');
    await startMailDelivery(worker.deps.temporal, busy);
    while ((await row(busy)).status !== 'retrying') await sleep(50);
    expect(await row(busy)).to.include({ attempts: 1, last_error: 'smtp_451' });
    await worker.deps.temporal.workflow.getHandle(idOf(busy)).terminate();
    await database
      .system('mails')
      .where({ id: busy.mailId })
      .update({ next_attempt_at: new Date(Date.now() + 1_000) });
    expect(await deliver(busy)).to.include({ status: 'sent', attempts: 2, sealed: null });
    expect(caught('busy@acme.example')).to.have.length(1);
    await recordHistory(worker.deps.temporal, idOf(busy), 'mailDelivery-v1-second-try');
    answers.push(550);
    const refused = await post('nobody@acme.example');
    expect(await deliver(refused)).to.include({ status: 'given_up', attempts: 1, last_error: 'smtp_550', sealed: null });
    const entries = await withTenant(database.app, organization.orgId, (trx) => trx('audit_view').where({ action: 'mails.given_up' }));
    expect(entries.map(({ reason, outcome, target_id: target }) => ({ reason, outcome, target }))).to.deep.equal([
      { reason: 'smtp_550', outcome: 'failure', target: typeId('eml', refused.mailId) },
    ]);
  });

  it('gives up when the mail says nothing useful any more', async () => {
    answers.push(451);
    const mail = await post('late@acme.example', new Date(Date.now() + 5_000));
    expect(await deliver(mail)).to.include({ status: 'given_up', last_error: 'smtp_451', sealed: null });
  });

  it('a mail that no key opens any more is given up like one that nobody takes, also when its organization is erased', async () => {
    const [mail, erased] = [await post('unreadable@acme.example'), await post('erased@acme.example')];
    for (const { mailId } of [mail, erased]) {
      const late = { sealed: Buffer.from('x'), give_up_at: new Date() };
      await database.system('mails').where({ id: mailId }).update(late);
    }
    await database.system('mails').where({ id: erased.mailId }).update({ for_org_id: newId() });
    for (const each of [mail, erased])
      expect(await deliver(each)).to.include({ status: 'given_up', last_error: 'unreadable', sealed: null });
  });

  it('a mail of a person in no organization is sent as well, and a delivery that is started again sends nothing twice', async () => {
    const userId = newId();
    const mail = await withUser(database.app, userId, (trx) => {
      const context = { trx, vault: worker.deps.vault, clock: systemClock };
      return enqueueMail(context, { to: 'grace@navy.example', template, data: { token: SECRET }, orgId: null, userId });
    });
    await deliver(mail);
    expect(await deliver(mail)).to.include({ status: 'sent', attempts: 1 });
    expect(caught('grace@navy.example')).to.have.length(1);
  });

  it('one that is sent and cannot be recorded at once is recorded later, and not sent again', async () => {
    const superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test superuser', statementTimeoutMs: 10_000 });
    try {
      // A sequence is not rolled back: the third time is let through.
      await superuser.raw(`CREATE SEQUENCE tries;
        CREATE FUNCTION refuse_twice() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
          $$ BEGIN IF nextval('public.tries') < 3 THEN RAISE 'not now'; END IF; RETURN NEW; END $$;
        CREATE TRIGGER refuse_twice BEFORE UPDATE ON mails FOR EACH ROW WHEN (NEW.status = 'sent') EXECUTE FUNCTION refuse_twice()`);
      const mail = await post('barbara@clu.example');
      expect(await deliver(mail)).to.include({ status: 'sent', attempts: 1 });
      expect((await superuser<{ last_value: number }>('tries').first())?.last_value).to.equal(3);
    } finally {
      await superuser.raw('DROP TRIGGER refuse_twice ON mails; DROP FUNCTION refuse_twice; DROP SEQUENCE tries');
      await superuser.destroy();
    }
    expect(caught('barbara@clu.example')).to.have.length(1);
  });

  it('a process that died between commit and start loses nothing: the relay has the mail sent; month-old rows are removed', async () => {
    const [lost, old] = [await post('lost@acme.example'), await post('old@acme.example')];
    await deliver(old);
    const monthsAgo = new Date(Date.now() - 31 * 86_400_000);
    await database.system('mails').where({ id: old.mailId }).update({ finished_at: monthsAgo });
    await database
      .system('mails')
      .where({ id: lost.mailId })
      .update({ next_attempt_at: new Date(Date.now() - 60_000) });
    await startOutboxRelay(worker.deps.temporal);
    while ((await row(lost)).status !== 'sent') await sleep(50);
    while ((await row(old)) !== undefined) await sleep(50);
    await worker.deps.temporal.workflow.getHandle(outboxRelay.workflowId()).terminate();
    expect(caught('lost@acme.example')).to.have.length(1);
  });

  it('keeps recipient and content out of histories', async () => {
    const mail = await post('history@acme.example');
    await deliver(mail);
    const history = JSON.stringify(await worker.deps.temporal.workflow.getHandle(idOf(mail)).fetchHistory(), (_key, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
    );
    expect(history).to.include(typeId('eml', mail.mailId));
    for (const part of ['history@acme.example', SECRET, 'A test']) expect(history).not.to.include(part);
  });
});
