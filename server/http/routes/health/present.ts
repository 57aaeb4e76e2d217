import type { z } from 'zod';
import type { MachineState } from '../../../../services/health/machine.ts';
import type { ProbeResult } from '../../../../services/health/probe.ts';
import { allUp } from '../../../../services/health/services.ts';
import type { ServiceStates } from '../../../../services/health/services.ts';
import type { DetailedHealth, Health, Readiness } from './schemas.ts';

const presentCheck = ({ state, latencyMs, detail }: ProbeResult) => ({ state, latency_ms: latencyMs, detail });

const presentChecks = ({ postgres, temporal, worker }: ServiceStates) => ({
  postgres: presentCheck(postgres),
  temporal: presentCheck(temporal),
  worker: presentCheck(worker),
});

export const presentHealth = (states: ServiceStates, version: string): z.input<typeof Health> => ({
  status: allUp(states) ? 'ok' : 'degraded',
  version,
  uptime_seconds: Math.round(process.uptime()),
  checks: presentChecks(states),
});

export const presentReadiness = (states: ServiceStates): z.input<typeof Readiness> => ({
  ready: allUp(states),
  checks: presentChecks(states),
});

export const presentDetailed = (states: ServiceStates, machine: MachineState, version: string): z.input<typeof DetailedHealth> => ({
  ...presentHealth(states, version),
  cpu: { cores: machine.cpu.cores, load_average: machine.cpu.loadAverage, process_percent: machine.cpu.processPercent },
  memory: {
    total_bytes: machine.memory.totalBytes,
    free_bytes: machine.memory.freeBytes,
    process_rss_bytes: machine.memory.processRssBytes,
    process_heap_bytes: machine.memory.processHeapBytes,
  },
  disk: { total_bytes: machine.disk.totalBytes, free_bytes: machine.disk.freeBytes },
});
