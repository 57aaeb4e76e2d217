import { expect } from 'chai';
import { useApp } from '../../support/app.ts';
import type { TestAnswer, TestRequest } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { probeRoutes } from '../../support/probeRoutes.ts';

const ECHOES = '/api/v1/admin/echoes';
const JSON_TYPE = { 'content-type': 'application/json' };

const nested = (depth: number): string => `{"name":"x","free":{"a":${'['.repeat(depth - 2)}${']'.repeat(depth - 2)}}}`;
const manyKeys = (count: number): string => `{"name":"x","free":{${Array.from({ length: count }, (_, i) => `"k${i}":1`).join(',')}}}`;

describe('core: bad input', () => {
  const database = useDatabase();
  const app = useApp(database, { routes: probeRoutes });
  let key: string;
  before(async () => {
    ({ key } = await createOrganization(database));
  });

  const echo = (request: TestRequest): Promise<TestAnswer> => app.request('POST', ECHOES, { key, ...request });
  const expectProblem = ({ status, headers, json }: TestAnswer, expected: { status: number; code: string }): void => {
    expect({ status, code: json.code }).to.deep.equal(expected);
    expect(headers.get('content-type')).to.equal('application/problem+json; charset=utf-8');
    expect(json).to.include({ status, type: `https://artisan.example/problems/${expected.code}`, request_id: headers.get('x-request-id') });
    expect(json.title).to.be.a('string').and.not.equal('');
    expect(json.detail).to.be.a('string').and.not.equal('');
  };

  it('400: names every unknown field, at every depth, and every wrong type at once', async () => {
    const answer = await echo({ body: { nam: 'x', count: '3', nested: { on: true, off: 1 } } });
    expectProblem(answer, { status: 400, code: 'validation_failed' });
    expect(answer.json.errors).to.have.deep.members([
      { location: 'body.name', message: 'is required: expected a string' },
      { location: 'body.count', message: 'must be a number' },
      { location: 'body.nested.off', message: 'is not known here; remove it or correct its name' },
      { location: 'body.nam', message: 'is not known here; remove it or correct its name' },
    ]);
  });

  it('400: a name of a million characters does not come back whole', async () => {
    const answer = await echo({ body: { name: 'x', ['k'.repeat(900_000)]: 1 } });
    expectProblem(answer, { status: 400, code: 'validation_failed' });
    expect(answer.json.errors[0].location).to.match(/^body\.k+…$/);
    expect(answer.text.length).to.be.below(5_000);
  });

  it('400: an unknown or repeated query parameter is refused with its name', async () => {
    const unknown = await app.request('GET', `${ECHOES}?colour=red`, { key });
    expectProblem(unknown, { status: 400, code: 'validation_failed' });
    expect(unknown.json.errors[0].location).to.equal('query.colour');
    const repeated = await app.request('GET', `${ECHOES}?limit=1&limit=2`, { key });
    expect(repeated.json.errors[0].location).to.equal('query.limit');
    const onPost = await app.request('POST', `${ECHOES}?x=1`, { key, body: { name: 'x' } });
    expect(onPost.json.errors).to.deep.equal([{ location: 'query.x', message: 'is not known here; remove it or correct its name' }]);
  });

  for (const limit of ['0', '201', '-1', '1.5', 'many', '']) {
    it(`400: limit=${limit} is refused, because a page has 1 to 200 entries`, async () => {
      const answer = await app.request('GET', `${ECHOES}?limit=${limit}`, { key });
      expectProblem(answer, { status: 400, code: 'validation_failed' });
      expect(answer.json.errors[0].location).to.equal('query.limit');
      expect(answer.json.errors[0].message).to.match(/^must be /);
    });
  }

  const broken: [string, string, RegExp][] = [
    ['an empty object that is not closed', '{', /position 1\)/],
    ['a trailing comma', '{"name":"x",}', /position 12\)/],
    ['a bare word', 'hello', /line 1, column 1/],
    ['two values', '{"name":"x"}{}', /position 12\)/],
    ['a control character in a string', '{"name":"a\nb"}', /position 8\)/],
  ];
  for (const [what, raw, where] of broken) {
    it(`400: JSON with ${what} is refused with the position of the fault`, async () => {
      const answer = await echo({ raw, headers: JSON_TYPE });
      expectProblem(answer, { status: 400, code: 'malformed_json' });
      expect(answer.json.detail).to.match(where);
    });
  }

  it('400: bytes that are not UTF-8 are refused', async () => {
    const raw = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const answer = await echo({ raw, headers: JSON_TYPE });
    expectProblem(answer, { status: 400, code: 'malformed_json' });
    expect(answer.json.detail).to.contain('UTF-8');
  });

  it('400: an absent body is a fault of the body, with or without a content type', async () => {
    for (const headers of [{}, JSON_TYPE]) {
      const answer = await echo({ headers });
      expectProblem(answer, { status: 400, code: 'validation_failed' });
      expect(answer.json.errors[0].location).to.equal('body');
    }
  });

  it('400: nesting beyond 32 levels is refused, exactly 32 is not, and half a million brackets do no harm', async () => {
    expect((await echo({ raw: nested(32), headers: JSON_TYPE })).status).to.equal(201);
    expectProblem(await echo({ raw: nested(33), headers: JSON_TYPE }), { status: 400, code: 'body_too_complex' });
    expectProblem(await echo({ raw: '['.repeat(500_000), headers: JSON_TYPE }), { status: 400, code: 'body_too_complex' });
  });

  it('400: more than 50,000 keys are refused, and brackets or colons inside strings do not count', async () => {
    expectProblem(await echo({ raw: manyKeys(50_000), headers: JSON_TYPE }), { status: 400, code: 'body_too_complex' });
    const harmless = JSON.stringify({ name: 'x', free: { text: `${'{"a":'.repeat(20_000)}\\"` } });
    expect((await echo({ raw: harmless, headers: JSON_TYPE })).status).to.equal(201);
  });

  it('400: "__proto__" is refused as a name in every spelling, so no copy of the body can get a foreign prototype', async () => {
    for (const name of ['__proto__', '\\u005f_proto__', '\\u005F\\u005fproto__']) {
      const answer = await echo({ raw: `{"name":"x","free":{"${name}":{"admin":true}}}`, headers: JSON_TYPE });
      expectProblem(answer, { status: 400, code: 'validation_failed' });
    }
    expect((await echo({ raw: '{"name":"__proto__"}', headers: JSON_TYPE })).status).to.equal(201);
  });

  it('400: a number that would be rounded or lost is refused with the advice to send text; a long one in text is not', async () => {
    for (const number of ['12345678901234567890', '-9007199254740992', '1e400', '-1E+0400', `1${'0'.repeat(400)}`]) {
      for (const raw of [`{"name":"x","free":{"a":${number}}}`, `{"name":"x","free":{"a":[1,\n${number}]}}`]) {
        const answer = await echo({ raw, headers: JSON_TYPE });
        expectProblem(answer, { status: 400, code: 'validation_failed' });
        expect(answer.json.detail).to.contain(number.slice(0, 40)).and.to.contain('as a string');
      }
    }
    const exact =
      '{"name":"x","free":{"a":[9007199254740991,-9007199254740991,1e300,0.12345678901234567,"12345678901234567890",": 1e400"]}}';
    expect((await echo({ raw: exact, headers: JSON_TYPE })).status).to.equal(201);
  });

  it('of a name that stands twice the last value counts', async () => {
    const answer = await echo({ raw: '{"name":"first","name":"last"}', headers: JSON_TYPE });
    expect(answer.json).to.deep.equal({ name: 'last' });
  });

  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', 'application/jsonp']) {
    it(`415: ${type} is refused, and the problem says what to send`, async () => {
      const answer = await echo({ raw: '{"name":"x"}', headers: { 'content-type': type } });
      expectProblem(answer, { status: 415, code: 'unsupported_media_type' });
      expect(answer.json.detail).to.contain('application/json').and.to.contain(type);
    });
  }

  it('415: a compressed body is refused', async () => {
    const answer = await echo({ raw: '{"name":"x"}', headers: { ...JSON_TYPE, 'content-encoding': 'gzip' } });
    expectProblem(answer, { status: 415, code: 'unsupported_media_type' });
    expect(answer.json.detail).to.contain('uncompressed');
  });

  it('400: a malformed id names the parameter and the shape that is expected', async () => {
    for (const id of ['1', 'evt_01jb8z6q3kf3tvxk6n9m2w4h5r', 'whk_nonsense', '%ff', "whk_'--"]) {
      const answer = await app.request('GET', `${ECHOES}/${id}`, { key });
      if (id === '%ff') expectProblem(answer, { status: 404, code: 'not_found' });
      else {
        expectProblem(answer, { status: 400, code: 'validation_failed' });
        expect(answer.json.errors[0].location).to.equal('path.id');
        expect(answer.json.errors[0].message).to.contain('whk_');
      }
    }
  });
});
