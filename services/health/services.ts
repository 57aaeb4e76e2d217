import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import * as endpointDelivery from '../../workflows/endpointDelivery/contract.ts';
import { probe } from './probe.ts';
import type { ProbeResult } from './probe.ts';

export interface ServiceStates {
  postgres: ProbeResult;
  temporal: ProbeResult;
  worker: ProbeResult;
}

interface HealthDeps {
  knex: Knex;
  temporal: Client;
  now: () => number;
}

const DEADLINE_MS = 1_500;
/** Health is public: however often it is asked, the services are asked once a second. */
const KEEP_MS = 1_000;
/** A worker asks for work at least once a minute, because Temporal ends a poll after that. */
const POLLED_WITHIN_MS = 75_000;
/** temporal.api.enums.v1.TaskQueueType */
const TASK_QUEUE_TYPES = { workflow: 1, activity: 2 };

/** A function that says how the services are that this process depends on; all are asked at the same time. */
export function createServiceStates(deps: HealthDeps): () => Promise<ServiceStates> {
  let last: { at: number; states: Promise<ServiceStates> } | null = null;
  return () => {
    if (!last || deps.now() - last.at >= KEEP_MS) last = { at: deps.now(), states: askAll(deps) };
    return last.states;
  };
}

export const allUp = (states: ServiceStates): boolean => Object.values(states).every(({ state }) => state === 'up');

async function askAll({ knex, temporal, now }: HealthDeps): Promise<ServiceStates> {
  const [postgres, temporalState, worker] = await Promise.all([
    probe(DEADLINE_MS, async () => {
      await knex.raw('SELECT 1');
      return null;
    }),
    probe(DEADLINE_MS, () => within(temporal, () => askTemporal(temporal))),
    probe(DEADLINE_MS, () => within(temporal, () => askForPollers(temporal, now()))),
  ]);
  return { postgres, temporal: temporalState, worker };
}

const within = <T>(temporal: Client, call: () => Promise<T>): Promise<T> =>
  temporal.connection.withDeadline(Date.now() + DEADLINE_MS, call);

async function askTemporal({ workflowService, options }: Client): Promise<string | null> {
  await workflowService.describeNamespace({ namespace: options.namespace });
  return null;
}

async function askForPollers({ workflowService, options }: Client, now: number): Promise<string | null> {
  const missing: string[] = [];
  for (const [kind, taskQueueType] of Object.entries(TASK_QUEUE_TYPES)) {
    const { pollers } = await workflowService.describeTaskQueue({
      namespace: options.namespace,
      taskQueue: { name: endpointDelivery.TASK_QUEUE },
      taskQueueType,
    });
    const seen = (pollers ?? []).some(({ lastAccessTime }) => now - Number(lastAccessTime?.seconds ?? 0) * 1_000 < POLLED_WITHIN_MS);
    if (!seen) missing.push(kind);
  }
  return missing.length === 0 ? null : `no worker polls "${endpointDelivery.TASK_QUEUE}" for ${missing.join(' and ')} tasks`;
}
