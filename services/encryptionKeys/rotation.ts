import type { Transaction } from 'objection';

/** One row of encryption_key_rotations: the truth about a rotation, however often its workflow is started again. */
export interface KeyRotation {
  id: string;
  kind: 'master' | 'data';
  /** Of a data key's rotation. */
  organizationId: string | null;
  /** The key that is to remain: the id of a master key, or the uuid of a data key. */
  keyId: string;
  phase: 'activate' | 'reseal';
  /** null: at the beginning of a pass. */
  position: Position | null;
  pass: number;
  passOutdated: number;
  passUnreadable: number;
  examined: number;
  resealed: number;
  outcome: 'done' | 'incomplete' | null;
  /** Milliseconds until the next step may be taken, by the clock of the database. */
  waitMs: number;
}

/** `column` as `table.column`, `after` the primary key of the last row that was looked at. */
export interface Position {
  column: string;
  after: string[] | null;
}

/** Reads the rotation and holds it, so that two activities do not take the same step. */
export async function lockRotation(trx: Transaction, id: string): Promise<KeyRotation | null> {
  const row: unknown = await trx('encryption_key_rotations')
    .where({ id })
    .forUpdate()
    .first(
      'id',
      'kind',
      'phase',
      'position',
      'pass',
      'examined',
      'resealed',
      'outcome',
      { organizationId: 'organization_id', keyId: 'key_id', passOutdated: 'pass_outdated', passUnreadable: 'pass_unreadable' },
      trx.raw('greatest(0, ceil(extract(epoch FROM next_step_at - now()) * 1000))::int AS "waitMs"'),
    );
  return (row as KeyRotation | undefined) ?? null;
}

/** What a step changes. `waitMs`: how long the next one must wait. */
export async function saveRotation(trx: Transaction, rotation: KeyRotation): Promise<void> {
  const { id, phase, position, pass, passOutdated, passUnreadable, examined, resealed, outcome, waitMs } = rotation;
  await trx('encryption_key_rotations')
    .where({ id })
    .update({
      phase,
      position: position === null ? null : JSON.stringify(position),
      pass,
      pass_outdated: passOutdated,
      pass_unreadable: passUnreadable,
      examined,
      resealed,
      outcome,
      next_step_at: trx.raw("now() + ? * interval '1 millisecond'", [waitMs]),
      updated_at: trx.fn.now(),
      ...(outcome !== null && { finished_at: trx.fn.now() }),
    });
}
