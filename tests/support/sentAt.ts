import type { TestTenant } from './tenant.ts';
import { until } from './until.ts';

/**
 * When each of so many requests to the endpoint was sent, by the worker's own record, in order: milliseconds since 1970.
 * What a rate limit promises is when they leave; on a busy machine they arrive in groups.
 */
export async function sentAt(tenant: TestTenant, endpointId: string, count: number): Promise<number[]> {
  let times: number[] = [];
  const read = async (): Promise<number> => {
    const attempts = await tenant.rows<{ started_at: Date }>('delivery_attempts', { endpoint_id: endpointId }, 'started_at');
    times = attempts.map(({ started_at: at }) => at.getTime());
    return times.length;
  };
  await until(read, (length) => length >= count, 15_000);
  return times;
}
