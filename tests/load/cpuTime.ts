import { readFileSync, readdirSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

interface ProcessTimes {
  pid: number;
  parent: number;
  ticks: number;
}

/** CPU seconds of this very process so far. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Clock ticks of the whole machine so far, and those of them in which its host ran something else (Linux; 0 where nobody can tell). */
export interface MachineTicks {
  all: number;
  stolen: number;
}

export function machineTicks(): MachineTicks {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  // user, nice, system, idle, iowait, irq, softirq, steal; guests are counted among the users.
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return { all: ticks.reduce((sum, one) => sum + one, 0), stolen: ticks[7] ?? 0 };
}

/** How much of the machine's time since then its host gave to others, per cent: a virtual machine is slow then, whatever it runs. */
export function stolenPercent({ all, stolen }: MachineTicks): number {
  const now = machineTicks();
  return Math.round((100 * (now.stolen - stolen)) / Math.max(1, now.all - all));
}

/** CPU seconds of a process and all its descendants so far (Linux). Steadier than wall time on a machine that is shared. */
export function cpuSeconds(pid: number): number {
  const all = readAll();
  const family = new Set([pid]);
  for (let before = 0; before !== family.size;) {
    before = family.size;
    for (const one of all) if (family.has(one.parent)) family.add(one.pid);
  }
  const ticks = all.filter((one) => family.has(one.pid)).reduce((sum, one) => sum + one.ticks, 0);
  return ticks / TICKS_PER_SECOND;
}

function readAll(): ProcessTimes[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readOne(name));
}

function readOne(pid: string): ProcessTimes[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the closing bracket of the name: state, parent, …; utime, stime, and what children used that have ended (they are in no other line).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [{ pid: Number(pid), parent: Number(fields[1]), ticks: fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) }];
  } catch {
    return [];
  }
}
