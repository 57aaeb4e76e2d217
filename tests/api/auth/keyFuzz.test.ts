import { expect } from 'chai';
import { newApiKey, parseApiKey } from '../../../services/apiKeys/format.ts';
import { useApp } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { probeRoutes } from '../../support/probeRoutes.ts';
import { seededRandom } from '../../support/seededRandom.ts';

const SEED = 20_261_121;
const TEXTS = 10_000;
/** Of the texts, one in so many is also sent over HTTP. */
const EVERY = 10;
const AT_ONCE = 20;
/** What a header can carry: visible ASCII and the upper half of Latin-1. */
const CHARACTERS = [...Array.from({ length: 94 }, (_, at) => 0x21 + at), ...Array.from({ length: 94 }, (_, at) => 0xa1 + at)].map((code) =>
  String.fromCharCode(code),
);

const random = seededRandom(SEED);
const below = (end: number): number => Math.floor(random() * end);
const one = <T>(items: readonly T[]): T => items[below(items.length)]!;
const noise = (length: number): string => Array.from({ length }, () => one(CHARACTERS)).join('');
const at = (text: string, change: (before: string, character: string, after: string) => string): string => {
  const place = below(text.length);
  return change(text.slice(0, place), text[place]!, text.slice(place + 1));
};

const MUTATIONS: readonly ((key: string) => string)[] = [
  (key) => at(key, (before, _character, after) => before + one(CHARACTERS) + after),
  (key) => at(key, (before, _character, after) => before + after),
  (key) => at(key, (before, character, after) => before + character + character + after),
  (key) => at(key, (before, character, after) => before + after.slice(0, 1) + character + after.slice(1)),
  (key) =>
    at(
      key,
      (before, character, after) =>
        before + (character === character.toUpperCase() ? character.toLowerCase() : character.toUpperCase()) + after,
    ),
  (key) => key.slice(0, below(key.length)) || 'x',
  (key) => key + noise(1 + below(20)),
  (key) => noise(1 + below(20)) + key,
  (key) => key + key,
  (key) => key.replaceAll('_', one(['-', '.', '__', '%5F', '/'])),
  (key) => key.replace('live', one(['test', 'LIVE', 'liv', 'prod'])),
  (key) => key.split('').reverse().join(''),
  (key) =>
    key
      .split('')
      .map((character) => (random() < 0.1 ? one(CHARACTERS) : character))
      .join(''),
  () => noise(1 + below(300)),
  () => `sk_live_${noise(16)}_${noise(49)}`,
  () =>
    one([
      'sk_live_',
      'sk_live___',
      'null',
      'undefined',
      '[object Object]',
      '../../etc/passwd',
      "'OR'1'='1",
      '%00',
      '{}',
      'sk_live_%s%n',
      '__proto__',
    ]),
  () => newApiKey('live').key,
];

describe('auth: 10,000 random and mutated keys', () => {
  const database = useDatabase();
  const app = useApp(database, { routes: probeRoutes, config: { USAGE_FLUSH_SECONDS: '3600' } });

  it(`each is refused with 401, and only those with a right checksum are looked up (seed ${SEED})`, async () => {
    const { key } = await createOrganization(database);
    const texts = Array.from({ length: TEXTS }, () => one(MUTATIONS)(key)).filter((text) => text !== key);
    const sound = texts.filter((text) => parseApiKey(text) !== null);
    expect(sound.length).to.be.within(100, 2_000);
    const statements: string[] = [];
    app.deps.knex.on('query', ({ sql }: { sql: string }) => void statements.push(sql));
    for (const text of texts) await app.deps.authenticator.identify(text).then(() => expect.fail(`accepted ${text}`), expectRefusal);
    expect(statements.filter((sql) => !sql.includes('find_api_key'))).to.deep.equal([]);
    expect(statements).to.have.length(sound.length);
    statements.length = 0;
    const sent = texts.filter((_, index) => index % EVERY === 0);
    await Promise.all(Array.from({ length: AT_ONCE }, (_, worker) => sendAll(sent.filter((_text, index) => index % AT_ONCE === worker))));
    expect(statements).to.have.length(sent.filter((text) => parseApiKey(text) !== null).length);
  });

  const expectRefusal = (error: unknown): void => void expect(error).to.include({ code: 'invalid_api_key', status: 401 });
  const sendAll = async (texts: string[]): Promise<void> => {
    for (const [index, text] of texts.entries()) {
      const headers: Record<string, string> = index % 2 === 0 ? { authorization: `Bearer ${text}` } : { 'x-api-key': text };
      const { status } = await app.request('GET', '/api/v1/admin/echoes', { headers });
      expect(status, text).to.equal(401);
    }
  };
});
