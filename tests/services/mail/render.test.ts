import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseSmtpUrl } from '../../../activities/mail/smtpUrl.ts';
import { smtpFault } from '../../../activities/mail/smtpFault.ts';
import { normalizeAddress } from '../../../services/mail/address.ts';
import { renderMail } from '../../../services/mail/render.ts';
import { nextAttempt } from '../../../services/mail/schedule.ts';
import { code, facts, link, named, paragraph } from '../../../services/mail/template.ts';
import type { MailTemplate } from '../../../services/mail/template.ts';

const TEMPLATES = join(import.meta.dirname, '../../../services/mail/templates');

describe('mails as they are written', () => {
  it('text of anybody stays text: no tag, no second line of a subject, no link but http and https', () => {
    const evil = '<b onclick="x">\'&\r\nBcc: all@acme.example';
    const { subject, text, html } = renderMail('a@b.example', { subject: evil, body: [paragraph(evil), code(evil), facts(['<i>', evil])] });
    expect(subject).not.to.match(/[\r\n]/);
    expect(text).to.contain('<b onclick');
    expect(html).not.to.match(/<b |<i>/);
    expect(html).to.contain('&lt;b onclick=&quot;x&quot;&gt;&#39;&amp;');
    for (const url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd'])
      expect(() => renderMail('a@b.example', { subject: 's', body: [link('Open', url)] })).to.throw(TypeError);
    expect(renderMail('a@b.example', { subject: 's', body: [link('Open', 'https://a.example/?x="><script>')] }).html).not.to.contain(
      '<script',
    );
  });

  it('a name that somebody chose becomes no link in a mail program', () => {
    expect(named('Acme\n Inc.')).to.equal('Acme Inc.');
    expect(named('Win at https://evil.example/now')).not.to.match(/:\/\/|[a-z]\.[a-z]/);
    expect(named('x'.repeat(200))).to.have.length(81);
    expect(named('mail me@evil.example')).not.to.contain('@');
  });

  it('every template: both versions say the same links, and nothing is loaded from anywhere', async () => {
    for (const file of readdirSync(TEMPLATES)) {
      const [template] = Object.values((await import(join(TEMPLATES, file))) as Record<string, MailTemplate<unknown>>);
      const { subject, text, html } = renderMail('a@b.example', template!.write(template!.example));
      expect(subject, file).to.match(/^\S.{5,}/);
      expect(html, file).not.to.match(/<(?:img|script|link|iframe|object|style)\b|url\(|src=/i);
      for (const [, href] of html.matchAll(/href="([^"]+)"/g)) expect(text, file).to.contain(href!.replaceAll('&amp;', '&'));
    }
  });
});

describe('mail addresses', () => {
  it('have one spelling', () => {
    expect(normalizeAddress('  Ada.L+x@Acme.Example ')).to.equal('ada.l+x@acme.example');
    expect(normalizeAddress('post@BÜCHER.example')).to.equal('post@xn--bcher-kva.example');
  });

  it('of other shapes are none', () => {
    const none = ['', 'ada', '@acme.example', 'ada@', 'ada@localhost', 'a b@acme.example', 'a@b@', '"a b"@acme.example', 'a@[127.0.0.1]'];
    const read = [
      'a@127.0.0.1',
      'a@0x7f.1',
      'a@acme.example/x',
      'a@acme.example?x',
      'a@acme.example:25',
      'a@acme\n.example',
      'a@acme%2eexample',
    ];
    for (const text of [
      ...none,
      ...read,
      'a\r\nbcc:b@acme.example',
      'a@acme..example',
      `${'a'.repeat(65)}@acme.example`,
      'a@-acme.example',
    ])
      expect(normalizeAddress(text), text).to.equal(null);
  });
});

describe('handing a mail over', () => {
  it('TLS is required unless the server is on this machine or the URL says off', () => {
    expect(parseSmtpUrl('smtps://u%40x:p%2Fw@mail.example')).to.include({ port: 465, secure: true, ignoreTLS: false });
    expect(parseSmtpUrl('smtps://u%40x:p%2Fw@mail.example').auth).to.deep.equal({ user: 'u@x', pass: 'p/w' });
    expect(parseSmtpUrl('smtp://mail.example')).to.include({ port: 587, secure: false, requireTLS: true });
    expect(parseSmtpUrl('smtp://mail.example:25?tls=off')).to.include({ port: 25, requireTLS: false, ignoreTLS: true });
    expect(parseSmtpUrl('smtp://[::1]:1025')).to.include({ host: '::1', requireTLS: false });
  });

  it('what refuses this mail is for good, what refuses us or is busy is not, and no words of the server are kept', () => {
    const fault = (code: string, responseCode?: number) => smtpFault(Object.assign(new Error('ada@acme.example'), { code, responseCode }));
    expect(fault('EENVELOPE', 550)).to.deep.equal({ error: 'smtp_550', permanent: true });
    expect(fault('EENVELOPE', 451)).to.deep.equal({ error: 'smtp_451', permanent: false });
    expect(fault('EAUTH', 535)).to.deep.equal({ error: 'eauth_535', permanent: false });
    expect(fault('ETIMEDOUT')).to.deep.equal({ error: 'etimedout', permanent: false });
  });

  it('is tried for a day, at intervals that grow to an hour', () => {
    const start = new Date('2026-11-21T00:00:00Z');
    const end = new Date('2026-11-22T00:00:00Z');
    const tries: Date[] = [];
    for (let now: Date | null = start; now !== null; now = nextAttempt(tries.length, now, end, () => 0)) tries.push(now);
    expect(tries.length).to.equal(31);
    expect(tries.at(-1)!.getTime()).to.be.greaterThan(end.getTime() - 3_600_000);
    expect(tries[1]!.getTime() - start.getTime()).to.equal(10_000);
  });
});
