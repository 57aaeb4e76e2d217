import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { parse } from 'yaml';
import { loadConfig } from '../../server/config.ts';
import { composeFaults } from './support/composeFaults.ts';
import type { Compose } from './support/composeFaults.ts';
import { dockerfileFaults } from './support/dockerfileFaults.ts';
import { read } from './support/sources.ts';

const text = read('docker-compose.yml');
const dockerfile = read('Dockerfile');
const dockerignore = read('.dockerignore');
const compose = (): Compose => parse(text, { merge: true }) as Compose;
const validate = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(
  JSON.parse(read('tests/vectors/compose-spec.json')) as object,
);

const SAMPLE: Record<string, string> = {
  ENCRYPTION_KEYS: `v1:${Buffer.alloc(32, 1).toString('base64')}`,
  API_KEY_PEPPER: 'p'.repeat(64),
};

describe('docker-compose.yml', () => {
  it('is valid by the schema of the Compose specification', () => {
    expect(validate(compose()), JSON.stringify(validate.errors?.slice(0, 3))).to.equal(true);
  });

  it('fits the product: variables, secrets, ports, conditions, files', () => expect(composeFaults(compose())).to.deep.equal([]));

  for (const name of ['api', 'worker']) {
    it(`gives ${name} an environment that config.ts accepts`, () => {
      const given = Object.entries(compose().services[name]?.environment ?? {}).map(([key, value]) => [key, interpolate(value)]);
      const config = loadConfig(Object.fromEntries(given) as Record<string, string>);
      expect(config).to.include({ NODE_ENV: 'production', TEMPORAL_ADDRESS: 'temporal:7233', WEBHOOK_ALLOW_INSECURE_LOOPBACK: false });
      expect(config.DATABASE_URL).to.match(/^postgres:\/\/artisan_app:/);
    });
  }

  it('asks for exactly the variables that docker/.env.example explains', () => {
    const asked = new Set([...text.matchAll(/\$\{(\w+)/g)].map((match) => match[1]));
    const explained = new Set([...read('docker/.env.example').matchAll(/^(?:# )?([A-Z_]+)=/gm)].map((match) => match[1]));
    expect([...asked]).to.have.members([...explained]);
  });

  const spoilt: [string, (file: Compose) => void, string][] = [
    [
      'a variable that nothing reads',
      (file) => (service(file, 'api').environment = { PROT: '3000' }),
      'api: nothing reads the variable PROT',
    ],
    [
      'a variable of another image',
      (file) => (service(file, 'temporal').environment = { PORT: '1' }),
      'temporal: nothing reads the variable PORT',
    ],
    [
      'a secret with a preset',
      (file) => (service(file, 'api').environment = { API_KEY_PEPPER: '${API_KEY_PEPPER:-changeme}' }),
      'api: API_KEY_PEPPER must come from outside',
    ],
    [
      'a password in a URL',
      (file) => (service(file, 'api').environment = { DATABASE_URL: 'postgres://a:b@postgres/x' }),
      'api: DATABASE_URL must come from outside',
    ],
    [
      'a port open to the network',
      (file) => (service(file, 'api').ports = ['3000:3000']),
      'api: the port 3000:3000 is open beyond loopback',
    ],
    [
      'an image without a version',
      (file) => (service(file, 'temporal').image = 'temporalio/server:latest'),
      'temporal: the image temporalio/server:latest names no version',
    ],
    ['capabilities', (file) => delete service(file, 'worker').cap_drop, 'worker: must drop all capabilities'],
    ['a writable file system', (file) => (service(file, 'api').read_only = false), 'api: must run on a read-only file system'],
    [
      'waiting for the health of what has no check',
      (file) => delete service(file, 'postgres').healthcheck,
      'migrate: waits for the health of postgres',
    ],
    [
      'waiting for the end of what never ends',
      (file) => (service(file, 'migrate').restart = 'always'),
      'api: waits for the end of migrate',
    ],
    ['killing before the shutdown is over', (file) => (service(file, 'worker').stop_grace_period = '5s'), 'worker: is killed after 5 s'],
    ['a file that is not there', (file) => (service(file, 'api').command = ['node', 'server/mian.ts']), 'api: there is no server/mian.ts'],
  ];
  for (const [what, spoil, fault] of spoilt) {
    it(`would be refused with ${what}`, () => {
      const file = compose();
      spoil(file);
      expect(composeFaults(file).join('\n')).to.include(fault);
    });
  }

  it('would be refused by the schema with a misspelt key or a wrong type', () => {
    const faults: ((file: Compose) => void)[] = [
      (file) => Object.assign(service(file, 'api'), { enviroment: {} }),
      (file) => Object.assign(service(file, 'api'), { read_only: [] }),
      (file) => Object.assign(service(file, 'api'), { depends_on: { migrate: { condition: 'done' } } }),
    ];
    for (const spoil of faults) {
      const file = compose();
      spoil(file);
      expect(validate(file)).to.equal(false);
    }
  });
});

describe('Dockerfile', () => {
  it('passes its lint', () => expect(dockerfileFaults(dockerfile, dockerignore)).to.deep.equal([]));

  const spoilt: [string, string, string, string][] = [
    ['runs as root', 'USER node', 'USER root', 'the last stage runs as root'],
    ['names no version', 'node:24-bookworm-slim', 'node', 'FROM node AS base names no version'],
    ['has no health check', 'HEALTHCHECK', '# HEALTHCHECK', 'no HEALTHCHECK'],
    ['holds a secret', 'ENV HOST=', 'ENV API_KEY_PEPPER=x HOST=', 'a secret in the image'],
    ['copies what is not there', 'COPY db db', 'COPY database db', 'COPY of database, which is not there'],
    ['copies what is kept out', 'COPY db db', 'COPY tests db', 'COPY of tests, which .dockerignore keeps out'],
    ['fetches with ADD', 'COPY db', 'ADD db', 'use COPY, not ADD'],
  ];
  for (const [what, from, to, fault] of spoilt) {
    it(`would be refused when it ${what}`, () => {
      expect(dockerfileFaults(dockerfile.replace(from, to), dockerignore).join('\n')).to.include(fault);
    });
  }
});

function service(file: Compose, name: string): Compose['services'][string] {
  const found = file.services[name];
  if (!found) throw new Error(`no service ${name}`);
  return found;
}

/** As Compose does it: `${NAME:?…}` and `${NAME:-preset}`. */
function interpolate(value: string): string {
  return value.replaceAll(/\$\{(\w+):([?-])([^}]*)\}/g, (_all, name: string, kind: string, rest: string) =>
    kind === '-' ? rest : (SAMPLE[name] ?? 'sample'),
  );
}
