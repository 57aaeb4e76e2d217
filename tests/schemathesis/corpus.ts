import { writeFileSync } from 'node:fs';
import { createResources } from '../support/resources.ts';
import type { Resources } from '../support/resources.ts';
import type { TestApp } from '../support/app.ts';
import type { TestDatabase } from '../support/database.ts';
import { createOrganization } from '../support/factories.ts';
import type { TestOrganization } from '../support/factories.ts';

/** What nobody but the stranger has: its name, and what stands in its events and endpoints. */
const FOREIGN_NAME = 'Stranger 7d1f4c';

/** Operations that would end the run itself, were they called for its own organization; they get the stranger's ids. */
const AIMED_AT_STRANGER = [
  'organizations.delete',
  'organizations.update',
  'organizations.transfer_ownership',
  'users.delete',
  'members.remove',
  'members.leave',
  'users.reset_mfa',
  'auth.sessions.revoke',
];

/** Makes tenant A, whose key calls, and tenant B, whose ids are tried; writes the corpus for hooks.py. Returns A. */
export async function writeCorpus(app: Pick<TestApp, 'request'>, database: TestDatabase, file: string): Promise<{ own: TestOrganization }> {
  const own = await createOrganization(database, { name: 'Caller' });
  const stranger = await createOrganization(database, { name: FOREIGN_NAME });
  const [ownIds, foreignIds] = [await createResources(app, own), await createResources(app, stranger)];
  const name = `${FOREIGN_NAME} endpoint`;
  await app.request('POST', '/api/v1/admin/webhooks', { key: stranger.key, body: { name, url: 'http://127.0.0.1:9/', events: ['*'] } });
  const corpus: Record<string, unknown> = {
    own: ownIds satisfies Resources,
    foreign: foreignIds satisfies Resources,
    foreign_content: [FOREIGN_NAME],
    aimed_at_stranger: AIMED_AT_STRANGER,
  };
  writeFileSync(file, JSON.stringify(corpus));
  return { own };
}
