import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigSchema } from '../../../server/config.ts';
import { projectRoot } from './sources.ts';

interface Service {
  image?: string;
  build?: unknown;
  command?: string[];
  restart?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test?: string[]; disable?: boolean };
  stop_grace_period?: string;
}

export interface Compose {
  services: Record<string, Service>;
}

/** Variables that the images of others understand. Ours are those of `config.ts`. */
const FOREIGN_VARIABLES: Record<string, string[]> = {
  postgres: [
    'POSTGRES_PASSWORD',
    'POSTGRES_USER',
    'POSTGRES_INITDB_ARGS',
    'ARTISAN_OWNER_PASSWORD',
    'ARTISAN_APP_PASSWORD',
    'ARTISAN_SYSTEM_PASSWORD',
    'TEMPORAL_DB_PASSWORD',
  ],
  'temporalio/server': [
    'DB',
    'DB_PORT',
    'POSTGRES_SEEDS',
    'POSTGRES_USER',
    'POSTGRES_PWD',
    'NUM_HISTORY_SHARDS',
    'BIND_ON_IP',
    'DYNAMIC_CONFIG_FILE_PATH',
  ],
  'temporalio/admin-tools': ['SQL_HOST', 'SQL_PORT', 'SQL_USER', 'SQL_PASSWORD', 'TEMPORAL_ADDRESS', 'NAMESPACE'],
  'temporalio/ui': ['TEMPORAL_ADDRESS', 'TEMPORAL_DEFAULT_NAMESPACE'],
};

const SHUTDOWN_SETTINGS = ['SHUTDOWN_SECONDS', 'WORKER_SHUTDOWN_SECONDS'];
const SECRET = /PASSWORD|PEPPER|ENCRYPTION|SECRET/;

/** What the Compose schema cannot know: that the file fits this product. One sentence for each fault. */
export function composeFaults(compose: Compose): string[] {
  return Object.entries(compose.services).flatMap(([name, service]) =>
    [imageFaults, variableFaults, secretFaults, portFaults, hardeningFaults, dependencyFaults, stopFaults, fileFaults].flatMap((check) =>
      check(service, compose).map((fault) => `${name}: ${fault}`),
    ),
  );
}

const isOurs = (service: Service): boolean => service.build !== undefined;
const imageName = ({ image = '' }: Service): string => image.split(':')[0] ?? '';
const environment = (service: Service): [string, string][] => Object.entries(service.environment ?? {});

function imageFaults(service: Service): string[] {
  return isOurs(service) || /:\d/.test(service.image ?? '') ? [] : [`the image ${service.image} names no version`];
}

function variableFaults(service: Service): string[] {
  const known = isOurs(service) ? Object.keys(ConfigSchema.shape) : (FOREIGN_VARIABLES[imageName(service)] ?? []);
  return environment(service).flatMap(([variable]) => (known.includes(variable) ? [] : [`nothing reads the variable ${variable}`]));
}

function secretFaults(service: Service): string[] {
  return environment(service).flatMap(([variable, value]) => {
    if (!SECRET.test(variable) && !/:\/\/.*@/.test(value)) return [];
    return /\$\{\w+:\?[^}]+\}/.test(value) ? [] : [`${variable} must come from outside, as \${…:?message}`];
  });
}

function portFaults({ ports = [] }: Service): string[] {
  return ports.filter((port) => !/^(\$\{\w+:-)?127\.0\.0\.1:/.test(port)).map((port) => `the port ${port} is open beyond loopback`);
}

function hardeningFaults(service: Service): string[] {
  return [
    ...(service.cap_drop?.includes('ALL') ? [] : ['must drop all capabilities']),
    ...(service.security_opt?.includes('no-new-privileges:true') ? [] : ['must forbid new privileges']),
    ...(isOurs(service) && service.read_only !== true ? ['must run on a read-only file system'] : []),
  ];
}

function dependencyFaults({ depends_on: dependsOn = {} }: Service, { services }: Compose): string[] {
  return Object.entries(dependsOn).flatMap(([name, { condition }]) => {
    const other = services[name];
    if (!other) return [`waits for ${name}, which is no service`];
    const runsOnce = other.restart?.startsWith('on-failure') === true;
    if (condition === 'service_healthy') return other.healthcheck?.test ? [] : [`waits for the health of ${name}, which has no check`];
    if (condition === 'service_completed_successfully') return runsOnce ? [] : [`waits for the end of ${name}, which never ends`];
    return [`waits for ${name} without a condition`];
  });
}

function stopFaults(service: Service): string[] {
  const grace = Number.parseInt(service.stop_grace_period ?? '10s', 10);
  return environment(service)
    .filter(([variable, value]) => SHUTDOWN_SETTINGS.includes(variable) && grace <= Number(value))
    .map(([variable]) => `is killed after ${grace} s, before ${variable} is over`);
}

function fileFaults({ volumes = [], command = [] }: Service): string[] {
  const mounted = volumes.map((volume) => volume.split(':')[0] ?? '').filter((source) => source.startsWith('./'));
  const run = command[0] === 'node' ? command.slice(1, 2) : [];
  return [...mounted, ...run].filter((path) => !existsSync(join(projectRoot, path))).map((path) => `there is no ${path}`);
}
