import { spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres, startTemporal } from './support/servers.ts';

const root = join(import.meta.dirname, '..');
const { files, options } = parse(process.argv.slice(2));
const started = Date.now();
const [postgres, temporal] = await Promise.all([startPostgres(), startTemporal()]);
const env = {
  ...process.env,
  NODE_ENV: 'test',
  TEST_POSTGRES_ADMIN_URL: postgres.superuserUrl,
  TEST_POSTGRES_TEMPLATE: '',
  TEST_TEMPORAL_ADDRESS: temporal.address,
  TEST_TEMPORAL_NAMESPACE: temporal.namespace,
};
let code = 1;
try {
  Object.assign(process.env, env);
  const database: string = join(root, 'tests/support/database.ts');
  if (existsSync(database)) {
    const { prepareTemplate } = await import(database);
    env.TEST_POSTGRES_TEMPLATE = (await prepareTemplate(postgres.superuserUrl)) ?? '';
  }
  console.log(`Postgres and Temporal are up (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  code = await mocha();
} finally {
  await Promise.all([postgres.dispose(), temporal.dispose()]);
}
process.exitCode = code;

function mocha(): Promise<number> {
  const args = [join(root, 'node_modules/mocha/bin/mocha.js'), '--timeout', '20000', ...options, ...files];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
  return new Promise((resolve) => child.on('exit', (status) => resolve(status ?? 1)));
}

function parse(args: string[]) {
  const optionAt = args.findIndex((arg) => arg.startsWith('-'));
  const named = optionAt === -1 ? args : args.slice(0, optionAt);
  const all = globSync('tests/**/*.test.ts', { cwd: root }).filter((file) => !/^tests\/(load|guards\/fixtures)\//.test(file));
  return { files: named.length > 0 ? named : all.toSorted(), options: optionAt === -1 ? [] : args.slice(optionAt) };
}
