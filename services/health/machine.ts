import { statfs } from 'node:fs/promises';
import os from 'node:os';

/** Bytes, except where the name says otherwise. */
export interface MachineState {
  cpu: { cores: number; loadAverage: number[]; processPercent: number };
  memory: { totalBytes: number; freeBytes: number; processRssBytes: number; processHeapBytes: number };
  disk: { totalBytes: number; freeBytes: number };
}

/** What this machine and this process use. `processPercent` is of one core, over the life of the process. */
export async function describeMachine(directory: string): Promise<MachineState> {
  const disk = await statfs(directory).catch(() => statfs('.'));
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    cpu: {
      cores: os.availableParallelism(),
      loadAverage: os.loadavg().map((load) => Math.round(load * 100) / 100),
      processPercent: Math.round((user + system) / process.uptime() / 100) / 100,
    },
    memory: { totalBytes: os.totalmem(), freeBytes: os.freemem(), processRssBytes: rss, processHeapBytes: heapUsed },
    disk: { totalBytes: disk.bsize * disk.blocks, freeBytes: disk.bsize * disk.bavail },
  };
}
