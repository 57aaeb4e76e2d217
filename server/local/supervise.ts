import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess, hasEnded } from './endProcess.ts';

/** A program that must run: how to start it, when it counts as ready, how it is asked to stop. */
export interface Service {
  name: string;
  spawn(): ChildProcess;
  ready(giveUp: () => string | null): Promise<void>;
  stopSignal: NodeJS.Signals;
  /** How long it may take to stop before it is killed. */
  stopTimeoutMs: number;
  /** The last words of a program that ended, for the message. */
  lastWords?(): string;
}

export interface SuperviseOptions {
  report: (line: string) => void;
  firstDelayMs?: number;
  longestDelayMs?: number;
  /** A process that lived this long is taken for healthy: the next delay is the first one again. */
  stableMs?: number;
}

export interface Supervised {
  readonly name: string;
  /** Starts it and waits until it is ready. Throws when the first start fails. */
  start(): Promise<void>;
  /** Stops it and no longer starts it again. */
  stop(): Promise<void>;
  /** Ends it at once. */
  force(): void;
}

/** Keeps one program running: when it ends unasked it is started again, after 250 ms, then twice as long, up to 10 s. */
export function supervise(service: Service, options: SuperviseOptions): Supervised {
  const { report, firstDelayMs = 250, longestDelayMs = 10_000, stableMs = 30_000 } = options;
  const stopping = new AbortController();
  let child: ChildProcess | null = null;
  let delayMs = firstDelayMs;

  async function start(): Promise<void> {
    const first = run();
    const giveUp = () => (hasEnded(first) ? `it ${describeEnd(first)}${words(service)}` : null);
    await service.ready(giveUp).catch((cause: Error) => {
      throw new Error(`${service.name} did not get ready: ${cause.message}`, { cause });
    });
    first.once('exit', () => void restart(first));
    if (hasEnded(first)) void restart(first);
  }

  function run(): ChildProcess {
    const startedAt = Date.now();
    const started = service.spawn();
    started.on('error', (error) => report(`${service.name} cannot be started: ${error.message}`));
    started.once('exit', () => {
      if (Date.now() - startedAt >= stableMs) delayMs = firstDelayMs;
    });
    child = started;
    return started;
  }

  async function restart(ended: ChildProcess): Promise<void> {
    if (stopping.signal.aborted || ended !== child) return;
    report(`${service.name} ${describeEnd(ended)}; starting it again in ${delayMs / 1_000} s${words(service)}`);
    child = null;
    await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => {});
    if (stopping.signal.aborted) return;
    delayMs = Math.min(delayMs * 2, longestDelayMs);
    const next = run();
    if (hasEnded(next)) return restart(next);
    for (const event of ['exit', 'error']) next.once(event, () => void restart(next));
    void readyAgain(service, next, report);
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await endProcess(child, service.stopSignal, service.stopTimeoutMs);
  }
  function force(): void {
    stopping.abort();
    if (child !== null && !hasEnded(child)) child.kill('SIGKILL');
  }
  return { name: service.name, start, stop, force };
}

/** Not only for the message: `ready` also completes a service, as Temporal after the loss of its file. */
async function readyAgain(service: Service, child: ChildProcess, report: SuperviseOptions['report']): Promise<void> {
  try {
    await service.ready(() => (hasEnded(child) ? `it ${describeEnd(child)}` : null));
    report(`${service.name} is ready again`);
  } catch (error) {
    if (!hasEnded(child)) report(`${service.name} runs again and is not ready: ${(error as Error).message}`);
  }
}

function describeEnd(child: ChildProcess): string {
  if (child.pid === undefined) return 'could not be started';
  return child.signalCode === null ? `ended with exit code ${child.exitCode}` : `was ended by ${child.signalCode}`;
}

function words(service: Service): string {
  const text = service.lastWords?.() ?? '';
  return text === '' ? '' : `\n${text}`;
}
