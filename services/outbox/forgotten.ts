import type { Transaction } from 'objection';

/** Outbox rows of one subject that nobody settled in time. Ids are database uuids. */
export interface ForgottenPromise<Topic extends string> {
  orgId: string;
  topic: Topic;
  subjectId: string;
  outboxIds: string[];
}

/**
 * Rows of these topics that nobody settled in time, grouped by what they are about. Runs as `artisan_system` over all organizations.
 * The claim only keeps two relays apart; a row stays until it is settled.
 */
export async function claimForgotten<Topic extends string>(
  trx: Transaction,
  options: { topics: readonly Topic[]; olderThanMs: number; claimMs: number; limit: number },
): Promise<ForgottenPromise<Topic>[]> {
  const { rows } = await trx.raw<{ rows: { org_id: string; topic: Topic; subject_id: string; ids: string[] }[] }>(
    `WITH forgotten AS (
       SELECT org_id, id FROM outbox
        WHERE topic = ANY(?::text[]) AND created_at < now() - ? * interval '1 millisecond' AND (claimed_until IS NULL OR claimed_until < now())
        ORDER BY created_at LIMIT ? FOR UPDATE SKIP LOCKED
     ), claimed AS (
       UPDATE outbox SET claimed_until = now() + ? * interval '1 millisecond' FROM forgotten
        WHERE outbox.org_id = forgotten.org_id AND outbox.id = forgotten.id
        RETURNING outbox.org_id, outbox.id, outbox.topic, outbox.subject_id
     )
     SELECT org_id, topic, subject_id, array_agg(id) AS ids FROM claimed GROUP BY org_id, topic, subject_id`,
    [[...options.topics], options.olderThanMs, options.limit, options.claimMs],
  );
  return rows.map((row) => ({ orgId: row.org_id, topic: row.topic, subjectId: row.subject_id, outboxIds: row.ids }));
}
