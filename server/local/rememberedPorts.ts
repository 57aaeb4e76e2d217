import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, portIsFree } from './freePort.ts';

export type PortName = 'postgres' | 'temporal' | 'receiver';
type Ports = Partial<Record<PortName, number>>;

/**
 * The port of one of our servers. A configured port (not 0) must be free, else it throws naming the variable.
 * Without one, the port of the last start is taken again where it is free, else a free one, which is then remembered.
 */
export async function rememberedPort(dataDir: string, name: PortName, configured = 0, variable = ''): Promise<number> {
  if (configured !== 0) {
    await assertFree(configured, variable);
    remember(dataDir, name, configured);
    return configured;
  }
  const last = readPorts(dataDir)[name];
  const port = last !== undefined && (await portIsFree(last)) ? last : await freePort();
  if (port !== last) remember(dataDir, name, port);
  return port;
}

/** The ports of the last start; none where they are not known or cannot be read, because others do as well. */
export function readPorts(dataDir: string): Ports {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'ports.json'), 'utf8')) as Ports;
  } catch {
    return {};
  }
}

/** Throws, naming the variable, when the port is taken. */
export async function assertFree(port: number, variable: string, host = '127.0.0.1'): Promise<void> {
  if (await portIsFree(port, host)) return;
  throw new Error(`Port ${port} is in use by another program. Set ${variable} to another port (0 picks a free one).`);
}

function remember(dataDir: string, name: PortName, port: number): void {
  const file = join(dataDir, 'ports.json');
  writeFileSync(`${file}.draft`, `${JSON.stringify({ ...readPorts(dataDir), [name]: port })}\n`);
  renameSync(`${file}.draft`, file);
}
