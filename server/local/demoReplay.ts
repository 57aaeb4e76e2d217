import type { DemoStage } from './demoStage.ts';

interface Replay {
  id: string;
  status: string;
  replayed: number;
  matching: number;
}

/** Replays what the filter matches, at a pace, and shows it arrive at `path`. Returns how many did. */
export async function demoReplay(stage: DemoStage, webhookId: string, path: string, filter: object, perSecond: number): Promise<number> {
  const start = <T>(body: object): Promise<T> => stage.call<T>('POST', `/admin/webhooks/${webhookId}/replay`, { ...filter, ...body });
  const { matching } = await start<{ matching: number }>({ dry_run: true });
  stage.tell(`Preview (dry_run): ${matching} match. They are sent at ${perSecond} per second:`);
  const { id } = await start<Replay>({ per_second: perSecond });
  const arrived = () => stage.arrived(path).filter(({ replay }) => replay).length;
  for (let seen = 0; seen < matching;) {
    const goal = Math.min(matching, seen + perSecond);
    seen = await stage.expect(`${goal} of ${matching} replays should have arrived`, () => (arrived() >= goal ? arrived() : null));
    stage.tell(`${'█'.repeat(seen).padEnd(matching, '·')} ${seen} of ${matching}`);
  }
  const progress = () => stage.call<Replay>('GET', `/admin/webhooks/${webhookId}/replays/${id}`);
  const { status, replayed } = await stage.expect('The replay should be completed', async () => {
    const replay = await progress();
    return replay.status === 'completed' ? replay : null;
  });
  stage.tell(`status: ${status}, ${replayed} replayed, with webhook-replay: 1 and valid signatures.`);
  return replayed;
}
