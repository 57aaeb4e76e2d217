import { parseArgs } from 'node:util';
import { AppError } from '../../services/errors/AppError.ts';
import type { NewOrganization } from '../../services/organizations/check.ts';
import { ConfigError } from '../config.ts';
import { newOrganization } from './newOrganization.ts';
import type { OrganizationOut } from './newOrganization.ts';
import { operatorConfig } from './operatorConfig.ts';
import { dataDirOf, readDotEnv } from './settings.ts';

const USAGE = 'Usage: npm run org:create -- --name Acme --owner-email a@b.example [--plan enterprise] [--rate-limit-per-hour 0]';
const BAD_ARGUMENTS = 2;
const FAILED = 1;

class ArgumentError extends Error {}

function readArguments(args: string[]): NewOrganization {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args, options: { name: text, 'owner-email': text, plan: text, 'rate-limit-per-hour': text } });
  const { name, 'owner-email': ownerEmail, plan, 'rate-limit-per-hour': limit } = values;
  if (name === undefined) throw new ArgumentError('--name is missing');
  if (ownerEmail === undefined) throw new ArgumentError('--owner-email is missing');
  if (limit !== undefined && !/^\d+$/.test(limit))
    throw new ArgumentError('--rate-limit-per-hour: expected a whole number; 0 means no limit');
  return { name, ownerEmail, plan, rateLimitPerHour: limit === undefined ? null : Number(limit) };
}

const create = (input: NewOrganization): Promise<OrganizationOut> => newOrganization(operatorConfig(process.env), input);

function report(error: unknown): number {
  const [message, code] = explain(error);
  process.stderr.write(`org:create: ${message}\n${code === BAD_ARGUMENTS ? `${USAGE}\n` : ''}`);
  return code;
}

function explain(error: unknown): [string, number] {
  if (!(error instanceof Error)) return [String(error), FAILED];
  if (error instanceof ArgumentError || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')))
    return [error.message, BAD_ARGUMENTS];
  if (error instanceof ConfigError) return [error.message, FAILED];
  if (!(error instanceof AppError)) return [error.message, FAILED];
  if (error.code === 'service_unavailable')
    return [`no database answers. Is npm start running with DATA_DIR ${dataDirOf(process.env)}?`, FAILED];
  const flags = error.fields?.map(({ location, message }) => `--${location.replaceAll('_', '-')}: ${message}`).join('\n');
  return [flags ?? error.message, error.code === 'validation_failed' ? BAD_ARGUMENTS : FAILED];
}

async function main(): Promise<void> {
  try {
    readDotEnv();
    const input = readArguments(process.argv.slice(2));
    process.stdout.write(`${JSON.stringify(await create(input))}\n`);
  } catch (error) {
    process.exitCode = report(error);
  }
}

await main();
