import { ApiKey } from '../../db/models/ApiKey.ts';
import { KeyRotation } from '../../db/models/KeyRotation.ts';
import { withTenant } from '../../db/tenancy.ts';
import { typeId } from '../../server/ids.ts';
import { keepKeyRotation } from '../../services/apiKeys/rotation/keep.ts';
import { findApiKey } from '../../services/apiKeys/find.ts';
import { findRotation } from '../../services/apiKeys/rotation/find.ts';
import { pickUpKey } from '../../services/apiKeys/rotation/pickUp.ts';
import { rotateApiKey } from '../../services/apiKeys/rotation/rotate.ts';
import type { RotationOrder, StartedRotation } from '../../services/apiKeys/rotation/rotate.ts';
import { KEY_ROTATION_TOPIC } from '../../services/outbox/keyRotations.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import type { ActivityDeps } from '../../activities/deps.ts';
import { workflowId } from '../../workflows/keyRotation/contract.ts';
import type { TestDatabase } from './database.ts';
import { createApiKey, createOrganization } from './factories.ts';
import type { TestOrganization } from './factories.ts';
import { TEST_SECRETS } from './testConfig.ts';

const ORDER: RotationOrder = { graceSeconds: 3_600, expiresAt: null, retireAfterFirstUseMinutes: null, cause: 'request' };

/** An organization whose keys are rotated through the real services, on the workers of `deps`. Ids are database uuids. */
export class RotatingOrganization {
  readonly organization: TestOrganization;
  readonly #database: TestDatabase;
  readonly #deps: ActivityDeps;

  private constructor(database: TestDatabase, deps: ActivityDeps, organization: TestOrganization) {
    this.#database = database;
    this.#deps = deps;
    this.organization = organization;
  }

  static async create(database: TestDatabase, deps: ActivityDeps): Promise<RotatingOrganization> {
    return new RotatingOrganization(database, deps, await createOrganization(database));
  }

  get orgId(): string {
    return this.organization.orgId;
  }

  /** A key that was made at the time of `deps`. */
  async key(fields: Partial<ApiKey> = {}): Promise<string> {
    const { id } = await createApiKey(this.#database, this.organization);
    await this.change(id, { createdAt: this.#deps.clock.now(), ...fields });
    return id;
  }

  change(id: string, fields: Partial<ApiKey>): Promise<number> {
    return withTenant(this.#database.app, this.orgId, async (trx) => ApiKey.query(trx).where({ org_id: this.orgId, id }).patch(fields));
  }

  read(id: string): Promise<ApiKey> {
    return withTenant(this.#database.app, this.orgId, async (trx) => ApiKey.query(trx).findOne({ id }).throwIfNotFound());
  }

  /** The latest rotation of a key. */
  rotation(oldKeyId: string): Promise<KeyRotation> {
    return withTenant(this.#database.app, this.orgId, async (trx) =>
      KeyRotation.query(trx).where({ old_key_id: oldKeyId }).orderBy('id', 'desc').first().throwIfNotFound(),
    );
  }

  /** Promised, and nobody told the workflow. */
  promise(id: string, order: Partial<RotationOrder> = {}): Promise<StartedRotation> {
    return runInTenant(this.#deps, this.organization.actor, async (tenant) =>
      rotateApiKey(tenant, TEST_SECRETS.API_KEY_PEPPER, await findApiKey(tenant, id, { forChange: true }), { ...ORDER, ...order }),
    );
  }

  async rotate(id: string, order: Partial<RotationOrder> = {}): Promise<StartedRotation> {
    const started = await this.promise(id, order);
    for (const promise of started.promises) await keepKeyRotation(this.#deps, promise);
    return started;
  }

  /** Tells the workflows what triggers promised, as the relay does three seconds later. */
  async relay(): Promise<void> {
    const promised = await withTenant(this.#database.app, this.orgId, (trx) =>
      trx('outbox').where({ topic: KEY_ROTATION_TOPIC }).select<{ id: string; subject_id: string }[]>('id', 'subject_id'),
    );
    for (const { id, subject_id: rotationId } of promised) {
      await keepKeyRotation(this.#deps, { orgId: this.orgId, rotationId, outboxIds: [id] });
    }
  }

  handle(oldKeyId: string) {
    const ids = { orgId: typeId('org', this.orgId), keyId: typeId('key', oldKeyId) };
    return this.#deps.temporal.workflow.getHandle(workflowId(ids));
  }

  /** Hands out the sealed successor that the policy made for a key. */
  pickUp(oldKeyId: string): Promise<{ key: string; rotation: KeyRotation }> {
    return runInTenant(this.#deps, this.organization.actor, async (tenant) =>
      pickUpKey(tenant, await findRotation(tenant, oldKeyId, { forChange: true })),
    );
  }

  /** Sets what the organization demands of its keys. */
  async policy(apiKeys: object): Promise<void> {
    await this.#database
      .system('organizations')
      .where({ id: this.orgId })
      .update({ settings: { api_keys: apiKeys } });
  }

  rows<T extends object>(table: string, where: object = {}): Promise<T[]> {
    return withTenant(this.#database.app, this.orgId, async (trx) => (await trx(table).where(where).orderBy('id')) as T[]);
  }

  /** Actions of the audit log about a key, the oldest first. */
  async audited(keyId: string): Promise<string[]> {
    const rows = await withTenant(this.#database.app, this.orgId, (trx) =>
      trx('audit_view')
        .where({ target_id: typeId('key', keyId) })
        .orderBy('entry_id')
        .select<{ action: string }[]>('action'),
    );
    return rows.map(({ action }) => action);
  }
}
