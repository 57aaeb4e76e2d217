import type { ApiKey } from '../../../db/models/ApiKey.ts';
import { readKeyUsage } from '../../../db/queries/readKeyUsage.ts';
import type { KeyUsageRow } from '../../../db/queries/readKeyUsage.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { findApiKey } from '../find.ts';
import { USAGE_KEPT_DAYS } from './forget.ts';

const DAY_MS = 86_400_000;
const MOST_DAYS = 92;
const DEFAULT_DAYS = 30;

/** Days (UTC) as `2026-11-02`, both included; absent: the last 30. */
export interface UsagePeriod {
  since?: string | undefined;
  until?: string | undefined;
}

export interface KeyUsage {
  key: ApiKey;
  since: string;
  until: string;
  /** Newest day first, then the operation with the most requests. */
  rows: KeyUsageRow[];
}

/**
 * What a key was used for; with `wholeFamily`, it and those that it succeeded or that succeeded it.
 * Throws not_found, validation_failed (a period of more than 92 days, upside down, or older than 400 days).
 */
export async function getKeyUsage(tenant: TenantContext, id: string, period: UsagePeriod, wholeFamily: boolean): Promise<KeyUsage> {
  const { trx, actor, clock } = tenant;
  const key = await findApiKey(tenant, id);
  const { since, until } = resolvePeriod(period, clock.now());
  const rows = await readKeyUsage(trx, {
    orgId: actor.orgId,
    since,
    until,
    ...(wholeFamily ? { familyId: key.familyId } : { keyId: key.id }),
  });
  return { key, since, until, rows };
}

function resolvePeriod({ since, until }: UsagePeriod, now: Date): { since: string; until: string } {
  const end = until ?? dayOf(now.getTime());
  const start = since ?? dayOf(Date.parse(end) - (DEFAULT_DAYS - 1) * DAY_MS);
  const days = (Date.parse(end) - Date.parse(start)) / DAY_MS + 1;
  if (days < 1) throw refused('query.since', 'must not be after until');
  if (days > MOST_DAYS) throw refused('query.since', `must be at most ${MOST_DAYS} days before until`);
  if (now.getTime() - Date.parse(start) > USAGE_KEPT_DAYS * DAY_MS)
    throw refused('query.since', `reaches back more than the ${USAGE_KEPT_DAYS} days that are kept`);
  return { since: start, until: end };
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const refused = (location: string, message: string): AppError =>
  new AppError('validation_failed', { detail: `${location} ${message}`, fields: [{ location, message }] });
