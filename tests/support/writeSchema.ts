import { writeFile } from 'node:fs/promises';
import { createKnex } from '../../db/knex.ts';
import { dumpSchema } from '../../db/dumpSchema.ts';
import { prepareTemplate } from './database.ts';
import { startPostgres } from './servers.ts';

// `npm run db:schema`: migrates a Postgres of its own and writes db/schema.sql from it, so no database has to be at hand.
const postgres = await startPostgres();
try {
  const url = new URL(postgres.superuserUrl);
  url.pathname = `/${await prepareTemplate(postgres.superuserUrl)}`;
  const knex = createKnex(url.href, { max: 1, applicationName: 'dump-schema', statementTimeoutMs: 20_000 });
  await writeFile(new URL('../../db/schema.sql', import.meta.url), await dumpSchema(knex));
  await knex.destroy();
} finally {
  await postgres.dispose();
}
