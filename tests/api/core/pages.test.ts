import { expect } from 'chai';
import { useApp } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { probeRoutes } from '../../support/probeRoutes.ts';

const LIST = '/api/v1/admin/echoes';

describe('core: cursor pages', () => {
  const database = useDatabase();
  const app = useApp(database, { routes: probeRoutes });
  let own: TestOrganization;
  let other: TestOrganization;
  before(async () => {
    [own, other] = [await createOrganization(database), await createOrganization(database)];
  });
  const list = (query: string, key = own.key) => app.request('GET', `${LIST}?${query}`, { key });

  it('50 entries by default, and the cursors lead through all of them once', async () => {
    const seen: number[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { json } = await list(cursor === '' ? '' : `cursor=${cursor}`);
      seen.push(...json.data);
      expect(json.has_more).to.equal(json.next_cursor !== null);
      expect(json.data.length).to.be.at.most(50);
      cursor = json.next_cursor;
    }
    expect(seen).to.deep.equal(Array.from({ length: 120 }, (_, index) => index));
  });

  it('a page that ends exactly at the last entry says that there is no more', async () => {
    expect((await list('limit=120')).json).to.include({ next_cursor: null, has_more: false });
    expect((await list('limit=119')).json.has_more).to.equal(true);
  });

  it('400: a cursor that is altered, invented, of other filters or of another organization is invalid_cursor', async () => {
    const cursor = (await list('limit=10')).json.next_cursor as string;
    const altered = (cursor.startsWith('A') ? 'B' : 'A') + cursor.slice(1);
    const cases: [string, string?][] = [
      [`cursor=${altered}`],
      [`cursor=${cursor}x`],
      [`cursor=${cursor.slice(0, 10)}`],
      ['cursor=MTA'],
      ['cursor='],
      [`cursor=${encodeURIComponent('../../etc')}`],
      [`cursor=${cursor}&kind=lead`],
      [`cursor=${cursor}`, other.key],
    ];
    for (const [query, key] of cases) {
      const { status, json } = await list(query, key);
      expect([status, json.code], query).to.deep.equal([400, 'invalid_cursor']);
      expect(json.errors[0].location).to.equal('query.cursor');
      expect(json.detail).to.contain('next_cursor');
    }
    expect((await list(`cursor=${cursor}&limit=3`)).json.data, 'another limit is no other list').to.deep.equal([10, 11, 12]);
  });
});
