import { expect } from 'chai';
import { lookForProof, recordOf } from '../../../services/domains/challenge.ts';
import { readDomain } from '../../../services/domains/name.ts';

describe('domains', () => {
  it('have one spelling', () => {
    expect(readDomain(' Mail.Acme.Example. ')).to.deep.equal({ domain: 'mail.acme.example' });
    expect(readDomain('BÜCHER.example')).to.deep.equal({ domain: 'xn--bcher-kva.example' });
    expect(readDomain('acme.co.uk')).to.deep.equal({ domain: 'acme.co.uk' });
  });

  const refused: [fault: string, texts: string[]][] = [
    [
      'not_a_domain',
      [
        '',
        'acme',
        'localhost',
        '127.0.0.1',
        '[::1]',
        'a b.example',
        '-a.example',
        'ada@acme.example',
        'https://acme.example',
        '*.acme.example',
        'a..example',
        `${'a'.repeat(64)}.example`,
      ],
    ],
    ['public_suffix', ['co.uk', 'com', 'github.io', 'gov.uk', 's3.amazonaws.com']],
    ['public_mail', ['gmail.com', 'GMAIL.com', 'mail.gmail.com', 'gmx.de', 'outlook.com', 'proton.me', 'qq.com']],
  ];
  for (const [fault, texts] of refused) {
    it(`${fault}: ${texts.filter((text) => text.length < 30).join(' ')}`, () => {
      for (const text of texts) expect(['not_a_domain', fault]).to.include((readDomain(text) as { fault: string }).fault, text);
      if (fault !== 'not_a_domain') expect(readDomain(texts[0]!)).to.deep.equal({ fault });
    });
  }

  it('are proven by one exact record among others, and by nothing else', async () => {
    const domain = { domain: 'acme.example', challenge: 'c'.repeat(32) };
    const { value, name } = recordOf(domain);
    const look = (texts: string[]) =>
      lookForProof(async (asked) => {
        expect(asked).to.equal(name);
        return texts;
      }, domain);
    expect(await look(['v=spf1 -all', ` ${value} `])).to.equal('proven');
    for (const texts of [[], [value.toUpperCase()], [`${value}x`], [value.slice(0, -1)]]) expect(await look(texts)).to.equal('missing');
    expect(await lookForProof(() => Promise.reject(new Error('SERVFAIL')), domain)).to.equal('unreachable');
  });
});
