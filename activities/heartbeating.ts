import { Context } from '@temporalio/activity';

const HEARTBEAT_MS = 1_000;

/** Heartbeats for as long as the work of an activity goes on, so that a killed worker is noticed by its silence. */
export async function heartbeating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
