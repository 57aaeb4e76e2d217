import { expect } from 'chai';
import { PUBLISHABLE_EVENT_TYPES } from '../../services/eventTypes/registry.ts';
import { PLANS, PLAN_LIMITS } from '../../services/plans.ts';
import { projectFiles, read } from './support/sources.ts';

const webhooks = read('docs/guides/webhooks.md');
const operations = read('docs/guides/operations.md');

/** Every quoted text of a file that looks like what is asked for. */
const quoted = (path: string, shape: RegExp): string[] =>
  [...read(path).matchAll(/'([^'\n]+)'/g)].map((match) => match[1] ?? '').filter((text) => shape.test(text));

describe('guides', () => {
  it('name every event type that clients publish', () => {
    expect(PUBLISHABLE_EVENT_TYPES.filter((type) => !webhooks.includes(`\`${type}\``))).to.deep.equal([]);
  });

  it('explain every error code of an attempt', () => {
    const codes = [
      ...quoted('activities/webhooks/errorCode.ts', /^[a-z]+(_[a-z]+)+$/),
      ...quoted('activities/webhooks/judge.ts', /^(redirect|http_status|interrupted)$/),
      ...['activities/webhooks/postWebhook.ts', 'activities/webhooks/runningExchange.ts'].flatMap((path) =>
        quoted(path, /^(timeout|interrupted)$/),
      ),
    ];
    expect(codes).to.include.members(['blocked_address', 'network_error', 'http_status', 'redirect', 'timeout', 'interrupted']);
    expect(codes.filter((code) => !webhooks.includes(`| \`${code}\` |`))).to.deep.equal([]);
  });

  it('explain every metric of API and worker, and no other', () => {
    const made = new Set(
      ['server/metrics.ts', 'activities/metrics.ts', 'activities/scheduledMetrics.ts'].flatMap((path) => quoted(path, /^artisan_[a-z_]+$/)),
    );
    const explained = new Set([...operations.matchAll(/\| `(artisan_\w+)/g)].map((match) => match[1]));
    expect(made.size).to.be.greaterThan(5);
    expect([...explained]).to.have.members([...made]);
  });

  it('show an example of the verifier as it stands on its own page, from where its tests run it', () => {
    const [, example = ''] = /```js\n(import [\s\S]*?)```/.exec(webhooks) ?? [];
    expect(example).to.include('createWebhookVerifier(');
    expect(read('packages/webhook-verifier/README.md')).to.include(`<!-- example: node -->\n\`\`\`js\n${example}\`\`\``);
  });

  it('give the number of endpoints of each plan', () => {
    for (const plan of PLANS) expect(webhooks).to.include(`${PLAN_LIMITS[plan].webhookEndpoints} (${plan})`);
  });

  it('name npm scripts and files that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const pages = projectFiles().filter((path) => path.endsWith('.md') && !path.startsWith('tests/vectors/'));
    const named = pages.flatMap((path) => [...read(path).matchAll(/`npm run ([\w:-]+)/g)].map((match) => match[1] ?? ''));
    expect(named).to.include.members(['check', 'docs', 'org:create']);
    expect(named.filter((name) => !(name in scripts))).to.deep.equal([]);
  });

  it('are commands that exist: every npm script runs a file that is there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const files = new Set(projectFiles());
    const missing = Object.entries(scripts).filter(([, command]) => {
      const file = /\bnode (?:--\S+ )*(\S+\.ts)/.exec(command)?.[1];
      return file !== undefined && !files.has(file);
    });
    expect(missing).to.deep.equal([]);
  });
});
