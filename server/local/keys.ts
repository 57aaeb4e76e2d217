import { parseArgs } from 'node:util';
import { AppError } from '../../services/errors/AppError.ts';
import { keysStatus, rotateKeys } from './encryptionKeys.ts';
import { operatorConfig } from './operatorConfig.ts';
import { readRunning } from './running.ts';
import { dataDirOf, readDotEnv } from './settings.ts';

const USAGE = `npm run keys:rotate                    seal everything with the first key of ENCRYPTION_KEYS
npm run keys:rotate -- --org org_01h4… give one organization a new data key
npm run keys:status                    which master keys are needed, and how far rotations are`;
const BAD_ARGUMENTS = 2;
const FAILED = 1;

async function run(args: string[]): Promise<unknown> {
  const { values, positionals } = parseArgs({ args, options: { org: { type: 'string' } }, allowPositionals: true });
  const [command] = positionals;
  readDotEnv();
  const config = operatorConfig(process.env);
  if (command === 'status') return keysStatus(config);
  // Beside `npm start`, whose Temporal has a port of its own choice.
  const TEMPORAL_ADDRESS = config.TEMPORAL_ADDRESS ?? readRunning(dataDirOf(process.env))?.temporalAddress;
  return rotateKeys({ ...config, TEMPORAL_ADDRESS }, values.org);
}

function explain(error: unknown): [string, number] {
  if (!(error instanceof Error)) return [String(error), FAILED];
  if ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) return [`${error.message}\n${USAGE}`, BAD_ARGUMENTS];
  if (error instanceof AppError && error.code === 'not_found') return ['there is no such organization', FAILED];
  return [error instanceof AppError ? (error.detail ?? error.message) : error.message, FAILED];
}

try {
  process.stdout.write(`${JSON.stringify(await run(process.argv.slice(2)), null, 2)}\n`);
} catch (error) {
  const [message, code] = explain(error);
  process.stderr.write(`keys: ${message}\n`);
  process.exitCode = code;
}
