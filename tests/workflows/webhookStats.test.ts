import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { keepStats } from '../../activities/webhooks/keepStats.ts';
import { floorTo } from '../../services/webhooks/stats/floorTo.ts';
import { startWebhookStats } from '../../services/webhooks/stats/lifecycle.ts';
import { workflowId } from '../../workflows/webhookStats/contract.ts';
import { manyAttempts, seed } from '../services/webhooks/stats/attempts.ts';
import { useDatabase } from '../support/database.ts';
import { recordHistory } from '../support/recordHistory.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

const HOUR_MS = 3_600_000;

describe('webhookStats', function () {
  this.timeout(30_000);
  // Before those of the worker, which close the connection.
  after(() => handle().terminate());
  const database = useDatabase();
  const worker = useWorker(database);
  const handle = () => worker.deps.temporal.workflow.getHandle(workflowId());

  it('counts what has not been counted yet, then sleeps until the next minute is over', async () => {
    const tenant = await TestTenant.create(database);
    const from = new Date(Date.now() - 6 * HOUR_MS);
    const to = new Date(Date.now() - HOUR_MS);
    const start = floorTo('hour', from);
    const { id: endpointId } = await tenant.webhook({});
    await database.system('webhook_stats_progress').update({ sealed_until: start, rolled_until: start });
    await seed(database, tenant.orgId, manyAttempts(200, 7, { endpoints: [endpointId], from, to }));
    await keepStats({ ...worker.deps, stopping: AbortSignal.abort() });
    const counted = async (): Promise<number> => {
      const rows = await tenant.rows<{ attempts: number }>('webhook_stats', { resolution: 'minute', endpoint_id: endpointId }, 'starts_at');
      return rows.reduce((sum, { attempts }) => sum + attempts, 0);
    };
    while ((await counted()) < 200) await sleep(50);
    for (let waits = false; !waits; await sleep(50)) {
      const { raw } = await handle().describe();
      waits = (raw.pendingActivities ?? []).length === 0 && (await timers()) > 0;
    }
    expect(await counted()).to.equal(200);
    await recordHistory(worker.deps.temporal, workflowId(), 'webhookStats-v1-counting');
  });

  it('is one for the installation, however often it is started', async () => {
    const { runId } = await handle().describe();
    await startWebhookStats(worker.deps.temporal);
    expect((await handle().describe()).runId).to.equal(runId);
  });

  async function timers(): Promise<number> {
    const { events } = await handle().fetchHistory();
    return (events ?? []).filter(({ timerStartedEventAttributes }) => timerStartedEventAttributes).length;
  }
});
