import { z } from 'zod';

const Check = z.object({
  state: z.enum(['up', 'down']),
  latency_ms: z.number().describe('How long the service took to answer.'),
  detail: z.string().nullable().describe('What is wrong; null when the service is up.'),
});

const Checks = z.object({
  postgres: Check,
  temporal: Check,
  worker: Check.describe('Up when a worker process has asked Temporal for work within the last 75 s.'),
});

export const Health = z
  .object({
    status: z.enum(['ok', 'degraded']).describe('`ok` when every service is up.'),
    version: z.string(),
    uptime_seconds: z.number(),
    checks: Checks,
  })
  .meta({ id: 'Health' });

export const Readiness = z.object({ ready: z.boolean(), checks: Checks }).meta({ id: 'Readiness' });

export const Liveness = z.object({ alive: z.boolean() }).meta({ id: 'Liveness' });

const bytes = z.number().describe('Bytes.');

export const DetailedHealth = Health.extend({
  cpu: z.object({
    cores: z.number(),
    load_average: z.array(z.number()).describe('Over 1, 5 and 15 minutes.'),
    process_percent: z.number().describe('Of one core, since the process started.'),
  }),
  memory: z.object({ total_bytes: bytes, free_bytes: bytes, process_rss_bytes: bytes, process_heap_bytes: bytes }),
  disk: z.object({ total_bytes: bytes, free_bytes: bytes }).describe('The file system that holds `DATA_DIR`.'),
}).meta({ id: 'DetailedHealth' });
