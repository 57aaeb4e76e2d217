import { parseArgs } from 'node:util';
import { keysStatus, rotateKeys } from './encryptionKeys.ts';
import { operatorCommand } from './operatorCommand.ts';
import { operatorConfig } from './operatorConfig.ts';
import { readRunning } from './running.ts';
import { dataDirOf } from './settings.ts';

const USAGE = `npm run keys:rotate                    seal everything with the first key of ENCRYPTION_KEYS
npm run keys:rotate -- --org org_01h4… give one organization a new data key
npm run keys:status                    which master keys are needed, and how far rotations are`;

async function run(args: string[]): Promise<unknown> {
  const { values, positionals } = parseArgs({ args, options: { org: { type: 'string' } }, allowPositionals: true });
  const [command] = positionals;
  const config = operatorConfig(process.env);
  if (command === 'status') return keysStatus(config);
  // Beside `npm start`, whose Temporal has a port of its own choice.
  const TEMPORAL_ADDRESS = config.TEMPORAL_ADDRESS ?? readRunning(dataDirOf(process.env))?.temporalAddress;
  return rotateKeys({ ...config, TEMPORAL_ADDRESS }, values.org);
}

await operatorCommand({ name: 'keys', usage: USAGE, indent: 2, run });
