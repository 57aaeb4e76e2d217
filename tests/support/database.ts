import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { migrate } from '../../db/migrate.ts';
import { createRoles } from '../../db/roles.ts';

const PASSWORDS = { owner: 'test-owner', app: 'test-app', system: 'test-system' };

/** A database of its own for one test file, as each of the product's logins sees it. */
export interface TestDatabase {
  readonly app: Knex;
  readonly system: Knex;
  readonly urls: { app: string; system: string; owner: string; superuser: string };
}

/**
 * Makes the roles and one migrated database that the test files copy; returns its name for TEST_POSTGRES_TEMPLATE.
 * Once per run. `adminUrl` is a superuser's, to any database of the cluster.
 */
export async function prepareTemplate(adminUrl: string): Promise<string> {
  const template = `artisan_template_${randomUUID().slice(0, 8)}`;
  const admin = connect(adminUrl, 'test-template');
  try {
    await createRoles(admin, PASSWORDS, template);
    await migrate(urlsOf(adminUrl, template).owner);
    return template;
  } finally {
    await admin.destroy();
  }
}

/**
 * Registers hooks that copy the run's template for the calling file, and drop the copy when all its other hooks are through: workers that are
 * being stopped still record what they have done. A pool that a test opened itself and forgot is cut by DROP … WITH (FORCE).
 */
export function useDatabase(): TestDatabase {
  let database: Copy | undefined;
  before('copy the template database', async function () {
    this.timeout(30_000);
    const copy = await copyTemplate();
    database = copy;
    // Hooks run in the order in which they were registered: by now the others are.
    this.test?.parent?.afterAll('drop the copy', async function () {
      this.timeout(30_000);
      await copy.drop();
    });
  });
  const opened = (): Copy => {
    if (!database) throw new Error('useDatabase(): the database exists inside hooks and tests only');
    return database;
  };
  return {
    get app() {
      return opened().app;
    },
    get system() {
      return opened().system;
    },
    get urls() {
      return opened().urls;
    },
  };
}

interface Copy extends TestDatabase {
  drop(): Promise<void>;
}

async function copyTemplate(): Promise<Copy> {
  const adminUrl = environment('TEST_POSTGRES_ADMIN_URL');
  const name = `artisan_test_${randomUUID().slice(0, 8)}`;
  await asAdmin(adminUrl, (admin) =>
    admin.raw('create database ?? template ?? owner artisan_owner', [name, environment('TEST_POSTGRES_TEMPLATE')]),
  );
  const urls = urlsOf(adminUrl, name);
  const app = connect(urls.app, 'test-app');
  const system = connect(urls.system, 'test-system');
  const drop = async (): Promise<void> => {
    await Promise.all([app.destroy(), system.destroy()]);
    await asAdmin(adminUrl, (admin) => admin.raw('drop database ?? with (force)', [name]));
  };
  return { app, system, urls, drop };
}

async function asAdmin(adminUrl: string, work: (admin: Knex) => Promise<unknown>): Promise<void> {
  const admin = connect(adminUrl, 'test-admin');
  try {
    await work(admin);
  } finally {
    await admin.destroy();
  }
}

function connect(url: string, applicationName: string): Knex {
  return createKnex(url, { max: 5, applicationName, statementTimeoutMs: 20_000 });
}

/** How each login reaches a database of the cluster. */
export function urlsOf(adminUrl: string, database: string): TestDatabase['urls'] {
  const as = (user?: string, password?: string): string => {
    const url = new URL(adminUrl);
    url.pathname = `/${database}`;
    if (user) url.username = user;
    if (password) url.password = password;
    return url.href;
  };
  return {
    app: as('artisan_app', PASSWORDS.app),
    system: as('artisan_system', PASSWORDS.system),
    owner: as('artisan_owner', PASSWORDS.owner),
    superuser: as(),
  };
}

function environment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the file with "npx node tests/run.ts <file>", which starts the servers`);
  return value;
}
