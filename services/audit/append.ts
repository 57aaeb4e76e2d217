import type { Sender } from '../../db/prepared.ts';
import type { Clock } from '../../server/clock.ts';
import { newId } from '../../server/ids.ts';
import type { Actor, ChangeContext, TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { buildAuditRows } from './buildAuditRows.ts';
import type { AuditRows } from './buildAuditRows.ts';
import { NotCanonicalError } from './canonicalJson.ts';
import { subjectsOf } from './entry.ts';
import type { AuditEntry, AuditInput } from './entry.ts';
import { insertAudit } from './insertAudit.ts';
import type { SubjectKeys } from './subjectKeys.ts';

/** What happened, and who did it. */
export interface AuditReport {
  actor: Actor;
  input: AuditInput;
}

export interface AuditDeps {
  clock: Clock;
  subjectKeys: Pick<SubjectKeys, 'of'>;
}

/**
 * Writes one entry in the transaction of what it reports, so that neither can be without the other. Returns the entry's id (uuid).
 * Throws validation_failed when a text of the input cannot be written canonically (U+0000, unpaired surrogates).
 */
export async function appendAudit(ctx: TenantContext, input: AuditInput): Promise<string> {
  const [id] = await appendAuditBatch(ctx.trx, [{ actor: ctx.actor, input }], ctx);
  return id!;
}

/** appendAudit for many entries of one organization with one statement, however many they are. Returns their ids in order. */
export async function appendAuditBatch(sender: Sender, reports: readonly AuditReport[], deps: AuditDeps): Promise<string[]> {
  const rows = await prepareAudit(sender, reports, deps);
  await insertAudit(sender, rows);
  return rows.map(({ entryId }) => entryId);
}

/** The rows of these entries, all of one organization, ready for insertAudit. Reads or makes the keys of subjects that are not cached. */
export async function prepareAudit(
  sender: Sender,
  reports: readonly AuditReport[],
  { clock, subjectKeys }: AuditDeps,
): Promise<AuditRows[]> {
  const [first] = reports;
  if (!first) return [];
  const entries: AuditEntry[] = reports.map(({ actor, input }) => ({ id: newId(clock), at: clock.now(), actor, input }));
  const keys = await subjectKeys.of(sender, first.actor.orgId, [...new Set(entries.flatMap(subjectsOf))]);
  return orRefusal(() => buildAuditRows(entries, keys));
}

/**
 * For an entry whose rest is known later: its keys are asked for now, together with what else is sent first. `input` has its targets, and a
 * `before` or `after` of any content if it will have one.
 */
export function askKeysOf({ trx, actor, clock, subjectKeys }: ChangeContext, input: AuditInput): AuditDeps {
  const keys = subjectKeys.of(trx, actor.orgId, subjectsOf({ actor, input }));
  keys.catch(() => undefined);
  return { clock, subjectKeys: { of: () => keys } };
}

/** Only what the caller sent can fail to be canonical, so it is the caller who must hear of it. */
function orRefusal(build: () => AuditRows[]): AuditRows[] {
  try {
    return build();
  } catch (cause) {
    if (!(cause instanceof NotCanonicalError)) throw cause;
    throw new AppError('validation_failed', { detail: `${cause.message}.`, cause });
  }
}
