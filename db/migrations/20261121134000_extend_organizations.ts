import type { Knex } from 'knex';

/**
 * What an organization's own agreement changes of its plan; who founded it; and its end: `deleted_at` is when deletion was asked for,
 * `deletion_due_at` until when it can be taken back, `deletion_next_at` when its workflow looks next. From `erasure_started_at` on nothing
 * comes back; `erased_at` marks the tombstone.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`ALTER TABLE organizations
    ADD COLUMN limit_overrides jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN founded_by uuid REFERENCES users (id),
    ADD COLUMN updated_at timestamptz,
    ADD COLUMN deletion_due_at timestamptz,
    ADD COLUMN deletion_next_at timestamptz,
    ADD COLUMN deletion_warnings int NOT NULL DEFAULT 0,
    ADD COLUMN erasure_started_at timestamptz,
    ADD COLUMN erased_at timestamptz,
    ADD CHECK (deletion_due_at IS NULL OR deleted_at IS NOT NULL),
    ADD CHECK (erasure_started_at IS NULL OR deletion_due_at IS NOT NULL),
    ADD CHECK (erased_at IS NULL OR erasure_started_at IS NOT NULL)`);
  await knex.raw('CREATE INDEX organizations_founder ON organizations (founded_by) WHERE founded_by IS NOT NULL');
  await knex.raw('CREATE INDEX organizations_ending ON organizations (deletion_next_at) WHERE deletion_next_at IS NOT NULL');
}
