import { ConfigSchema } from './config.ts';

export interface Setting {
  name: string;
  meaning: string;
  required: boolean;
  /** As it is written in the environment; empty when there is none. */
  fallback: string;
}

/** Every setting of the product in the order of `config.ts`. */
export function settings(): Setting[] {
  return Object.entries(ConfigSchema.shape).map(([name, schema]) => {
    const unset = schema.safeParse(undefined);
    return { name, meaning: schema.description ?? '', required: !unset.success, fallback: unset.success ? written(unset.data) : '' };
  });
}

const written = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** The README's configuration table (GitHub markdown). */
export function configTable(): string {
  const rows = settings().map(({ name, meaning, required, fallback }) => {
    const preset = required ? '*required*' : fallback === '' ? '' : `\`${fallback}\``;
    return `| \`${name}\` | ${preset} | ${meaning.replaceAll('|', '\\|')} |`;
  });
  return ['| Variable | Default | Meaning |', '|---|---|---|', ...rows].join('\n');
}

/** `.env.example`: required settings are to be filled in, the others stand commented out with their defaults. */
export function envExample(): string {
  const entries = settings().map(({ name, meaning, required, fallback }) => `# ${meaning}\n${required ? '' : '# '}${name}=${fallback}\n`);
  return [
    '# Settings of the API and of the worker. Written by `npm run docs` from server/config.ts; a guard keeps them in sync.',
    '# `npm start` needs none of them. For processes that run by themselves: node --env-file=.env server/main.ts',
    '# New secrets: ENCRYPTION_KEYS=v1:$(openssl rand -base64 32)   API_KEY_PEPPER=$(openssl rand -base64 32)',
    '',
    ...entries,
  ].join('\n');
}
