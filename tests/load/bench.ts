import { rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflows } from '../../server/local/bundleWorkflows.ts';
import type { NewWebhook } from '../../services/webhooks/create.ts';
import { createInstallation } from '../support/installation.ts';
import type { Installation } from '../support/installation.ts';
import { TestTenant } from '../support/tenant.ts';
import { cpuSeconds, ownCpuSeconds } from './cpuTime.ts';
import { rounded } from './figures.ts';
import type { BenchOptions } from './options.ts';
import { Publisher } from './publish.ts';
import type { Figures } from './rows.ts';
import { Sink } from './sinkProcess.ts';

/** Settings as in production, as far as receivers on loopback allow: NODE_ENV=production refuses them. */
const SETTINGS = { NODE_ENV: 'development', WEBHOOK_LINGER_SECONDS: '5', WEBHOOK_LEASE_SECONDS: '30', UV_THREADPOOL_SIZE: '16' };
const BUNDLE_TIMEOUT_MS = 60_000;
const CUSTOMERS = 100;

/** An organization of its own whose endpoints are the first customers of the sink. */
export interface Receivers {
  tenant: TestTenant;
  /** What the sink is told to count. */
  tag: string;
  /** Database uuids. */
  endpointIds: string[];
}

/** The whole installation under test, its customers in another process, and this process as the publisher. */
export class Bench {
  readonly options: BenchOptions;
  readonly installation: Installation;
  readonly sink: Sink;
  readonly #dir: string;
  #tenants = 0;

  private constructor(options: BenchOptions, installation: Installation, sink: Sink, dir: string) {
    this.options = options;
    this.installation = installation;
    this.sink = sink;
    this.#dir = dir;
  }

  static async start(options: BenchOptions): Promise<Bench> {
    const dir = await mkdtemp(join(tmpdir(), 'artisan-bench-'));
    const bundle = await bundleWorkflows(dir, AbortSignal.timeout(BUNDLE_TIMEOUT_MS));
    const args = options.profile ? ['--cpu-prof', '--cpu-prof-dir=.data/profiles'] : [];
    const env = { ...SETTINGS, LOG_LEVEL: options.logLevel, WORKFLOW_BUNDLE_PATH: bundle };
    const installation = await createInstallation({ env, apiArgs: args, workerArgs: args });
    const bench = new Bench(options, installation, await Sink.start(CUSTOMERS), dir);
    await Promise.all([installation.api.start(), installation.worker.start()]);
    return bench;
  }

  async stop(): Promise<void> {
    this.sink.stop();
    await this.installation.dispose();
    await rm(this.#dir, { recursive: true, force: true });
  }

  /** `count` endpoints of a new organization; `settings` of the n-th. */
  async receivers(count: number, settings: (n: number) => Partial<NewWebhook> = () => ({})): Promise<Receivers> {
    const tenant = await TestTenant.create(this.installation.database);
    this.#tenants += 1;
    const tag = `tenant-${this.#tenants}`;
    const endpointIds: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const url = `${this.sink.origins[n]}/${tag}/${n}`;
      const { id } = await tenant.webhook({ url, maxInFlight: 10, timeoutSeconds: 30, ...settings(n) });
      endpointIds.push(id);
    }
    return { tenant, tag, endpointIds };
  }

  publisher({ tenant }: Receivers, connections: number): Publisher {
    return new Publisher(this.installation.api.url, tenant.key, connections);
  }

  /** CPU seconds of every process so far. */
  cpu(): Figures {
    const { api, worker, postgres, temporal } = this.installation;
    const pids = { api: api.pid, worker: worker.pid, postgres: postgres.pid(), temporal: temporal.pid(), sink: this.sink.pid };
    const others = Object.entries(pids).map(([name, pid]): [string, number] => [name, pid === undefined ? 0 : cpuSeconds(pid)]);
    return { ...Object.fromEntries(others), generator: ownCpuSeconds() };
  }

  /** Microseconds of CPU that each of `count` cost each process since `before`: steadier than rates on a machine that others use too. */
  cpuEach(before: Figures, count: number, each: 'event' | 'delivery'): Figures {
    const after = this.cpu();
    const micros = (name: string): number => rounded((((after[name] ?? 0) - (before[name] ?? 0)) * 1e6) / count);
    return Object.fromEntries(Object.keys(after).map((name) => [`cpu_us_per_${each}_${name}`, micros(name)]));
  }
}
