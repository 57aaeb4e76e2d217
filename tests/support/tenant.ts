import type { Knex } from 'knex';
import { systemClock } from '../../server/clock.ts';
import { createSubjectKeys } from '../../services/audit/subjectKeys.ts';
import type { Actor } from '../../services/context.ts';
import { createVault } from '../../services/crypto/vault.ts';
import { EventPublisher } from '../../services/events/publisher.ts';
import type { NewEvent, PublishedEvent } from '../../services/events/newEvent.ts';
import type { PromisedWake } from '../../services/outbox/wakes.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import { createWebhook } from '../../services/webhooks/create.ts';
import type { NewWebhook } from '../../services/webhooks/create.ts';
import { withPipeline } from '../../db/pipeline.ts';
import { withTenant } from '../../db/tenancy.ts';
import type { TestDatabase } from './database.ts';
import { createOrganization } from './factories.ts';
import type { TestOrganization } from './factories.ts';
import { TEST_SECRETS } from './testConfig.ts';

const WEBHOOK: NewWebhook = {
  name: 'Receiver',
  url: 'http://127.0.0.1:9/',
  eventTypes: ['*'],
  description: null,
  timeoutSeconds: 5,
  maxRetries: 5,
  retryDelaySeconds: 60,
  retryScheduleSeconds: [],
  headers: {},
  maxInFlight: 10,
  rateLimitPerSecond: null,
  ordered: false,
  channels: [],
  filter: null,
  signature: 'v1',
  workspaceId: null,
};

/** An organization of the test database, worked on through the real services, without HTTP. */
export class TestTenant {
  readonly orgId: string;
  readonly key: string;
  readonly actor: Actor;
  readonly wakes: PromisedWake[] = [];
  readonly #database: TestDatabase;
  readonly #vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
  readonly #subjectKeys = createSubjectKeys(this.#vault);
  readonly #publisher: EventPublisher;

  private constructor(database: TestDatabase, { orgId, key, actor }: TestOrganization) {
    this.#database = database;
    this.orgId = orgId;
    this.key = key;
    this.actor = actor;
    this.#publisher = new EventPublisher({
      clock: systemClock,
      audit: { clock: systemClock, subjectKeys: this.#subjectKeys },
      claims: { vault: this.#vault },
      inTenant: (org, work) => withPipeline(database.app, org, work),
      wake: (wakes) => void this.wakes.push(...wakes),
    });
  }

  static async create(database: TestDatabase): Promise<TestTenant> {
    return new TestTenant(database, await createOrganization(database));
  }

  /** Returns database uuids and the secret. */
  async webhook(settings: Partial<NewWebhook>): Promise<{ id: string; secret: string }> {
    const deps = { knex: this.#database.app, clock: systemClock, vault: this.#vault, subjectKeys: this.#subjectKeys };
    const { webhook, secret } = await runInTenant(deps, this.actor, (tenant) => createWebhook(tenant, { ...WEBHOOK, ...settings }));
    return { id: webhook.id, secret: secret ?? '' };
  }

  /** Publishes as a request would; nobody is woken, `wakes` says who should be. */
  publish(...events: Partial<NewEvent>[]): Promise<PublishedEvent[]> {
    const full = events.map((event) => ({
      type: 'lead.created',
      data: {},
      occurredAt: new Date(),
      workspaceId: null,
      channels: [],
      ...event,
    }));
    return this.#publisher.publish({ actor: this.actor, events: full, claim: null });
  }

  /** Rows of a tenant table, as this organization sees them. */
  rows<T extends object>(table: string, where: object = {}, orderBy = 'id'): Promise<T[]> {
    return withTenant(this.#database.app, this.orgId, async (trx) => (await trx(table).where(where).orderBy(orderBy)) as T[]);
  }

  /** Changes rows behind the services' back, to stand at a state that takes long to reach. */
  update(table: string, where: object, values: (trx: Knex.Transaction) => object): Promise<number> {
    return withTenant(this.#database.app, this.orgId, (trx) => trx(table).where(where).update(values(trx)));
  }
}
