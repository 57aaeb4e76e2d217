import type { z } from 'zod';
import { getKeyUsage } from '../../../../services/apiKeys/usage/get.ts';
import type { KeyUsage } from '../../../../services/apiKeys/usage/get.ts';
import { typeId } from '../../../ids.ts';
import { idParams } from '../../params.ts';
import { route } from '../../route.ts';
import { ApiKeyUsage, usageQuery } from './usageSchemas.ts';

const COUNTS = { requests: 1_204, succeeded: 1_199, client_errors: 5, server_errors: 0 };
const USAGE_EXAMPLE = {
  api_key_id: 'key_01k0501z00e00800000000005h',
  scope: 'key',
  since: '2026-11-01',
  until: '2026-11-20',
  first_used_at: '2026-11-02T09:31:10.000Z',
  last_used_at: '2026-11-20T17:02:41.000Z',
  last_used_ip: '192.0.2.17',
  total: COUNTS,
  data: [{ day: '2026-11-20', operation: 'events.create', ...COUNTS }],
};

export const apiKeyUsageRoutes = [
  route({
    method: 'GET',
    path: '/admin/api-keys/{id}/usage',
    operationId: 'api_keys.usage',
    permission: 'api_key.read',
    summary: 'Read what an API key was used for',
    description:
      'Requests by day and operation, kept for 400 days. Each API process counts in memory and writes every few seconds, so the newest requests are missing for that long; a process that is killed loses them.',
    params: idParams('key'),
    query: usageQuery,
    responses: { 200: ApiKeyUsage },
    examples: { responses: { 200: USAGE_EXAMPLE } },
    async handler({ params, query: { scope, ...period }, inTenant }) {
      const usage = await inTenant((tenant) => getKeyUsage(tenant, params.id, period, scope === 'family'));
      return { status: 200, body: presentUsage(usage, scope) };
    },
  }),
];

function presentUsage({ key, since, until, rows }: KeyUsage, scope: 'key' | 'family'): z.input<typeof ApiKeyUsage> {
  const sum = (name: keyof typeof COUNTS): number => rows.reduce((total, row) => total + row[name], 0);
  return {
    api_key_id: typeId('key', key.id),
    scope,
    since,
    until,
    first_used_at: key.firstUsedAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    last_used_ip: key.lastUsedIp,
    total: {
      requests: sum('requests'),
      succeeded: sum('succeeded'),
      client_errors: sum('client_errors'),
      server_errors: sum('server_errors'),
    },
    data: rows,
  };
}
