import type { Transaction } from 'objection';

interface UsageFilter {
  orgId: string;
  /** Days as `2026-11-02`, both included. */
  since: string;
  until: string;
  /** One of these two. */
  keyId?: string;
  familyId?: string;
}

/** Requests to one operation on one day, by what they were answered. */
export interface KeyUsageRow {
  day: string;
  operation: string;
  requests: number;
  succeeded: number;
  client_errors: number;
  server_errors: number;
}

/** Newest day first, then the most requests. 1xx to 3xx are successes. */
export async function readKeyUsage(trx: Transaction, { orgId, since, until, keyId, familyId }: UsageFilter): Promise<KeyUsageRow[]> {
  const keys = trx('api_keys')
    .where({ org_id: orgId, ...(keyId === undefined ? { family_id: familyId } : { id: keyId }) })
    .select('id');
  return trx('api_key_usage')
    .where({ org_id: orgId })
    .whereIn('key_id', keys)
    .whereBetween('day', [since, until])
    .groupBy('day', 'operation')
    .select<KeyUsageRow[]>(
      trx.raw("to_char(day, 'YYYY-MM-DD') AS day"),
      'operation',
      trx.raw('sum(requests)::bigint AS requests'),
      trx.raw('coalesce(sum(requests) FILTER (WHERE status_class < 4), 0)::bigint AS succeeded'),
      trx.raw('coalesce(sum(requests) FILTER (WHERE status_class = 4), 0)::bigint AS client_errors'),
      trx.raw('coalesce(sum(requests) FILTER (WHERE status_class = 5), 0)::bigint AS server_errors'),
    )
    .orderByRaw('api_key_usage.day DESC, sum(requests) DESC, operation');
}
