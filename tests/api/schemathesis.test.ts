import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { attack } from '../schemathesis/attack.ts';
import { writeCorpus } from '../schemathesis/corpus.ts';
import { installSchemathesis } from '../schemathesis/install.ts';
import { useApp } from '../support/app.ts';
import { useDatabase } from '../support/database.ts';

/** Bounded by the number of requests, and by this on a busy machine: `npm run test:schemathesis` is the long run. */
const SECONDS = 20;
const EXAMPLES = 2;
/** Those that name something. */
const WITH_ID = /\{/;

const tool = await installSchemathesis();

describe('schemathesis: a short run', function () {
  this.timeout(120_000);
  const database = useDatabase();
  const app = useApp(database);
  const guarantee =
    'made-up requests with ids of another organization meet no fault of ours, and show and change nothing of that organization';

  // Without a body it is reported as pending: the machine has no Python, or no way to its package index.
  if ('missing' in tool) it(`${guarantee} (${tool.missing})`);
  else
    it(guarantee, async () => {
      const dir = mkdtempSync(join(tmpdir(), 'artisan-schemathesis-'));
      try {
        const corpus = join(dir, 'corpus.json');
        const { own } = await writeCorpus(app, database, corpus);
        const target = { command: tool.command, url: app.url, credential: own.key, corpus, dir };
        const bounds = { phases: 'fuzzing', seconds: SECONDS, examples: EXAMPLES, seed: 1, paths: WITH_ID };
        const { exitCode, output, seen } = await attack({ ...target, ...bounds });
        expect(exitCode, output.slice(-8_000)).to.equal(0);
        expect(Object.keys(seen?.path_of_stranger ?? {}), 'what paths of the stranger were answered with').to.include('404');
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    });
});
