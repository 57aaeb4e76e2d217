import { parseArgs } from 'node:util';
import type { NewOrganization } from '../../services/organizations/check.ts';
import { newOrganization } from './newOrganization.ts';
import { ArgumentError, operatorCommand } from './operatorCommand.ts';
import { operatorConfig } from './operatorConfig.ts';

const USAGE = 'Usage: npm run org:create -- --name Acme --owner-email a@b.example [--plan enterprise] [--rate-limit-per-hour 0]';

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

await operatorCommand({
  name: 'org:create',
  usage: USAGE,
  indent: 0,
  run: async (args) => {
    const input = readArguments(args);
    return newOrganization(operatorConfig(process.env), input);
  },
});
