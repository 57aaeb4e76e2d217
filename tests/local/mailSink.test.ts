import { request } from 'node:http';
import { expect } from 'chai';
import { createMailer } from '../../activities/mail/mailer.ts';
import { startMailPage } from '../../server/local/mailPage.ts';
import type { MailPage } from '../../server/local/mailPage.ts';
import { startMailSink } from '../../server/local/mailSink.ts';
import type { MailSink } from '../../server/local/mailSink.ts';

const PATIENT = new AbortController().signal;
const EVIL = '<img src=x onerror=alert(1)>"\'&';

describe('mails on this machine', () => {
  let sink: MailSink;
  let page: MailPage;
  before(async () => {
    sink = await startMailSink();
    page = await startMailPage(sink);
    const mailer = createMailer({ SMTP_URL: sink.url, MAIL_FROM: 'no-reply@artisan.example' });
    const mail = { to: 'ada@acme.example', subject: EVIL, text: `${EVIL} https://app.example/?a=1&b=2`, html: '<script>alert(1)</script>' };
    expect(await mailer.send(mail, 'eml_1', PATIENT)).to.deep.equal({ sent: true });
    mailer.close();
  });
  after(async () => {
    await page.close();
    await sink.close();
  });

  it('the page lists and shows a mail, all of it escaped, with its addresses to click', async () => {
    const [list, shown] = [await (await fetch(page.url)).text(), await (await fetch(`${page.url}/1`)).text()];
    for (const html of [list, shown]) expect(html).not.to.contain('<img');
    expect(list).to.contain('<a href="/1">&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;</a>');
    expect(shown).to.contain('<a href="https://app.example/?a=1&amp;b=2" rel="noreferrer">');
    expect((await fetch(`${page.url}/2`)).status).to.equal(404);
  });

  it('the HTML of a mail runs nothing and loads nothing, in its frame and by itself', async () => {
    const answer = await fetch(`${page.url}/1/html`);
    expect(await answer.text()).to.contain('<script>');
    expect(answer.headers.get('content-security-policy')).to.equal("default-src 'none'; style-src 'unsafe-inline'; sandbox");
    expect(await (await fetch(`${page.url}/1`)).text()).to.contain('<iframe sandbox src="/1/html"');
  });

  it('a website whose name points here gets nothing', async () => {
    const status = (host: string) =>
      new Promise((resolve, reject) => {
        const asking = request(`${page.url}/mails.json`, { headers: { host } }, (answer) => resolve(answer.resume().statusCode));
        asking.on('error', reject).end();
      });
    expect(await status('evil.example')).to.equal(421);
    expect(await status(new URL(page.url).host)).to.equal(200);
  });

  it('a server that wants no mail of ours is an outcome and no error', async () => {
    const away = createMailer({ SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'no-reply@artisan.example' });
    const mail = { to: 'ada@acme.example', subject: 's', text: 't', html: 'h' };
    expect(await away.send(mail, 'eml_2', PATIENT)).to.deep.equal({ sent: false, error: 'esocket', permanent: false });
    const none = createMailer({ MAIL_FROM: 'no-reply@artisan.example' });
    expect(await none.send(mail, 'eml_2', PATIENT)).to.deep.equal({ sent: false, error: 'not_configured', permanent: false });
  });
});
