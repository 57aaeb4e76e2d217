import { expect } from 'chai';
import { useApp } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';

describe('docs: pages', () => {
  const database = useDatabase();
  const app = useApp(database, { config: { PUBLIC_URL: 'https://api.acme.example' } });
  const get = (path: string) => app.request('GET', path);

  for (const page of ['/docs', '/redoc']) {
    it(`${page}: everything it loads is served here, and its policy lets it run`, async () => {
      const { status, headers, text } = await get(page);
      expect(status).to.equal(200);
      expect(headers.get('content-type')).to.equal('text/html; charset=utf-8');
      const sources = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
      expect(sources).to.have.length.of.at.least(3);
      for (const source of sources) {
        expect(source, 'nothing from elsewhere').to.match(/^\/[^/]/);
        const asset = await get(source);
        expect([asset.status, asset.headers.get('x-content-type-options')], source).to.deep.equal([200, 'nosniff']);
        expect(asset.text.length).to.be.greaterThan(50);
      }
      expect(text, 'scripts in the page would be blocked').not.to.match(/<script(?![^>]*\bsrc=)|\son\w+=/);
      const policy = headers.get('content-security-policy')!;
      expect(policy).to.contain("script-src 'self'").and.to.contain("connect-src 'self'");
      expect(policy).not.to.match(/script-src[^;]*unsafe|https?:/);
    });
  }

  it('the Redoc bundle asks no other host for its logo', async () => {
    const { text } = await get('/redoc/redoc.standalone.js');
    expect(text).not.to.contain('cdn.redoc.ly');
  });

  it('/openapi.json is the document of this installation, with its own address', async () => {
    const { status, json } = await get('/openapi.json');
    expect([status, json.openapi]).to.deep.equal([200, '3.1.0']);
    expect(json.servers).to.deep.equal([{ url: 'https://api.acme.example' }]);
    expect(json.paths).to.include.keys('/api/v1/events', '/api/v1/admin/webhooks/{id}');
  });

  it('404: no other file can be reached through the pages', async () => {
    for (const path of [
      '/docs/../package.json',
      '/docs/%2e%2e/package.json',
      '/redoc/index.html',
      '/docs/swagger-ui.js',
      '/constructor',
      '/__proto__',
    ]) {
      expect((await get(path)).status, path).to.equal(404);
    }
  });
});
