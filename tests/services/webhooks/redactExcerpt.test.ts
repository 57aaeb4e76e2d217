import { expect } from 'chai';
import { redactExcerpt } from '../../../services/webhooks/redactExcerpt.ts';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';

const CASES: [what: string, answer: string, kept: string][] = [
  ['an e-mail address', 'no user ada.lovelace+crm@mail.example.com here', 'no user [e-mail] here'],
  ['addresses side by side', 'a@b.example,c@d.example', '[e-mail],[e-mail]'],
  ['an address in other scripts', '<ädä@münchen.example>', '<[e-mail]>'],
  ['an address in a query or escaped', 'email=ada%40x.example&n=1 "ada\\u0040x.example"', 'email=[e-mail]&n=1 "[e-mail]"'],
  ['an address that the cut left unfinished', 'unknown user ada@exam', 'unknown user [e-mail]'],
  ['a bearer token', 'authorization was "Bearer abc.def-123"', 'authorization was "Bearer [redacted]"'],
  ['basic credentials', 'got Basic dXNlcjpwYXNz', 'got Basic [redacted]'],
  ['an API key', 'key sk_live_4eC39HqLyjWDarjtT1zdp7dc is revoked', 'key [api key] is revoked'],
  ['an API key behind an escaped line break', '"line\\nsk_test_abcdefgh"', '"line\\n[api key]"'],
  ['a signing secret', 'expected whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'expected [signing secret]'],
  ['a JWT', `claims of ${JWT}: expired`, 'claims of [jwt]: expired'],
  ['a JWT that the cut left unfinished', `got ${JWT.slice(0, 30)}`, 'got [jwt]'],
  ['card numbers, however grouped', '4111111111111111 4111 1111 1111 1111 3782-822463-10005', '[card] [card] [card]'],
  ['a card number behind other digits', 'order 1234 4111 1111 1111 1111', 'order 1234 [card]'],
  ['IBANs, in one piece or in groups', 'to DE89370400440532013000, GB82 WEST 1234 5698 7654 32.', 'to [iban], [iban].'],
  ['telephone numbers in international form', 'call +49 170 1234567 or "+1 (415) 555-2671"', 'call [telephone] or "[telephone]"'],
  ['fields by their name', '{"password":"a\\"b","n":1,"secret" : "x"}', '{"password":"[redacted]","n":1,"secret" : "[redacted]"}'],
  [
    'fields whose name holds such a word',
    '{"access_token":"t","clientSecret":42}',
    '{"access_token":"[redacted]","clientSecret":"[redacted]"}',
  ],
  ['a field that the cut left unfinished', '{"token":"abc', '{"token":"[redacted]"'],
  ['a field of JSON within JSON', '"{\\"password\\":\\"hunter2\\",\\"n\\":1}"', '"{\\"password\\":\\"[redacted]\\",\\"n\\":1}"'],
  ['a list under such a name', '{"password":["x","y]"],"n":1}', '{"password":"[redacted]","n":1}'],
  ['an object under such a name, however deep', '{"secret":{"a":{"value":"x"},"b":[1]},"n":1}', '{"secret":"[redacted]","n":1}'],
  ['a list that the cut left unfinished', '{"tokens":["a","b', '{"tokens":"[redacted]"'],
  ['fields in single quotes', "{'password': 'x', 'n': 1, 'api_key': 7}", "{'password': '[redacted]', 'n': 1, 'api_key': \"[redacted]\"}"],
  ['a value in the other quotes', `{'password': "it's"}`, `{'password': "[redacted]"}`],
  ['a field called pass', '{"pass":"x","db_pass":"y"}', '{"pass":"[redacted]","db_pass":"[redacted]"}'],
  [
    'fields of YAML',
    'user: ada\n  - password: correct horse\ntoken: "t"\nn: 1',
    'user: ada\n  - password: [redacted]\ntoken: "[redacted]"\nn: 1',
  ],
  [
    'fields of YAML in one line, and of objects as Node prints them',
    "{password: x, n: 1, secret: 'y', tokens: [ 'z' ]}",
    '{password: [redacted], n: 1, secret: \'[redacted]\', tokens: "[redacted]"}',
  ],
  ['a header', 'X-Api-Key: abc\nHost: a', 'X-Api-Key: [redacted]\nHost: a'],
  ['fields of YAML within JSON', '"line\\npassword: x\\nn: 1"', '"line\\npassword: [redacted]\\nn: 1"'],
  ['tokens of GitHub', 'ghp_16C7e42F292c6912 and github_pat_11ABCDEFG0abcdefgh', '[api key] and [api key]'],
  ['ids of AWS keys', 'key AKIAIOSFODNN7EXAMPLE, then ASIAIOSFODNN7EXAMPLE', 'key [api key], then [api key]'],
  ['a field of a form', 'user=ada&password=hunter2&n=1', 'user=ada&password=[redacted]&n=1'],
];

const KEPT = [
  '',
  'ok',
  '{"error":"lead_42 not found","request_id":"req_01h4"}',
  'rate limited at 1793612458123, retry in 30 s',
  'order 4111111111111112 is not a card: the check digit is wrong',
  'DE89370400440532013001 is no IBAN: the check digits are wrong',
  '1+1234567 and 2024-11-21T10:00:00+0100 and C++ 20',
  'the task_scheduler failed @ 12:00, tokens left',
  '{"token":null}',
  "{'token': None}",
  'token: null',
  '{"tokens":[],"secrets":{}}',
  '{"passed":true,"bypass":1,"passengers":["x"],"compass":"north"}',
  'TokenExpiredError: jwt expired',
  'invalid token: it has expired',
  'ASIAPACIFICREGION, AKIA',
  'Bearer authentication required, Basic realm="api"',
];

const HOSTILE: [what: string, answer: string][] = [
  ['one letter', 'a'.repeat(1_024)],
  ['@', '@'.repeat(1_024)],
  ['a@', 'a@'.repeat(512)],
  ['a.', `${'a.'.repeat(511)}a@`],
  ['a@a.', 'a@a.'.repeat(256)],
  ['%40', 'a%40'.repeat(256)],
  ['quotes', '"'.repeat(1_024)],
  ['names', '"token'.repeat(170)],
  ['names without an end', `"${'token'.repeat(204)}`],
  ['escapes', `"password":"${'\\'.repeat(1_011)}`],
  ['escaped names', '\\"token\\":'.repeat(102)],
  ['forms', 'token-'.repeat(170)],
  ['white space', `"token"${' '.repeat(1_017)}`],
  ['bearers', 'bearer '.repeat(146)],
  ['a long bearer', `bearer ${'a'.repeat(1_017)}`],
  ['eyJ', 'eyJ'.repeat(341)],
  ['eyJ.', 'eyJaaaaaaaaaa.'.repeat(73)],
  ['sk_', 'sk_'.repeat(341)],
  ['whsec_', 'whsec_'.repeat(170)],
  ['single quotes', "'token':".repeat(128)],
  ['fields one in another', '"token":{'.repeat(113)],
  ['lists one in another', '"token":['.repeat(113)],
  ['fields of YAML', ',token:'.repeat(146)],
  ['names of YAML', `,${'token-'.repeat(14)}`.repeat(12)],
  ['names of YAML without an end', ',--------token'.repeat(73)],
  ['ghp_', 'ghp_'.repeat(256)],
  ['AKIA', 'AKIA'.repeat(256)],
  ['digits', '4'.repeat(1_024)],
  ['IBANs', 'DE89'.repeat(256)],
  ['telephone numbers', '+1'.repeat(512)],
  ['telephone numbers in pieces', '+1 ( '.repeat(204)],
  ['digits in groups', '4 '.repeat(512)],
];

describe('redactExcerpt', () => {
  for (const [what, answer, kept] of CASES) it(`replaces ${what}`, () => expect(redactExcerpt(answer)).to.equal(kept));

  it('leaves the rest as it is', () => {
    for (const answer of KEPT) expect(redactExcerpt(answer)).to.equal(answer);
  });

  it('is stable: what was redacted is not changed again', () => {
    for (const [, , kept] of CASES) expect(redactExcerpt(kept)).to.equal(kept);
  });

  it('never makes an excerpt longer than 1,024 characters', () => {
    expect(redactExcerpt('a@b.c '.repeat(170))).to.have.length(1_024);
  });

  // A quadratic expression takes milliseconds at 1 KiB and seconds at 64 KiB: the larger input tells them apart without a close clock.
  for (const [what, answer] of HOSTILE) {
    it(`takes linear time on a hostile answer: ${what}`, () => {
      const started = performance.now();
      redactExcerpt(answer);
      redactExcerpt(answer.repeat(64));
      expect(performance.now() - started).to.be.below(1_000);
    });
  }
});
