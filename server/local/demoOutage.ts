import type { DemoStage } from './demoStage.ts';

/** Where the endpoint of this act receives. */
export const SHOP = '/shop';
const ORDERS = 20;
/** A probe each second, and more of them than the act needs. The defaults wait a minute and longer. */
const QUICK = { max_in_flight: 1, retry_schedule_seconds: Array.from({ length: 10 }, () => 1) };

/** An endpoint fails, its circuit opens, it is repaired and gets what was held back. Returns its id. */
export async function demoOutage(stage: DemoStage): Promise<string> {
  const { arrived, tell } = stage;
  const id = await stage.endpoint('Demo: fails and recovers', SHOP, QUICK);
  const statusIs = (status: string) => async () =>
    (await stage.call<{ status: string }>('GET', `/admin/webhooks/${id}`)).status === status ? true : null;
  const backlog = () => stage.call<{ pending: number; retrying: number; held: number }>('GET', `/admin/webhooks/${id}/backlog`);
  const delivered = async (): Promise<number> =>
    (await stage.call<{ data: object[] }>('GET', `/admin/webhooks/${id}/deliveries?status=delivered&limit=200`)).data.length;

  stage.breakDown(SHOP, true);
  await stage.publish(ORDERS);
  tell(`${ORDERS} events order.placed are published. The receiver answers each request with 500.`);
  await stage.expect('The endpoint should be "failing" after five failures in a row', statusIs('failing'));
  const { held, pending, retrying } = await backlog();
  tell('status: failing. Five failures in a row opened its circuit.');
  tell(`Backlog: ${held} held back, of which ${pending} were not tried yet and ${retrying} wait for a retry.`);
  const before = arrived(SHOP).length;
  await stage.expect('Two probes should have been made', () => (arrived(SHOP).length >= before + 2 ? true : null));
  tell(
    `Only one probe a second is made: ${arrived(SHOP)
      .slice(before)
      .map(({ status }) => status)
      .join(', ')}.`,
  );
  stage.breakDown(SHOP, false);
  tell('The receiver is repaired.');
  await stage.expect('The endpoint should be "active" after a probe that succeeds', statusIs('active'));
  tell('status: active. A probe was answered with 204 and closed the circuit.');
  await stage.expect(`All ${ORDERS} deliveries should be made`, async () => ((await delivered()) === ORDERS ? true : null));
  const refused = arrived(SHOP).filter(({ status }) => status === 500).length;
  const left = (await backlog()).held;
  tell(`${ORDERS} of ${ORDERS} delivered, ${left} held back; ${refused} requests were answered with 500 meanwhile.`);
  return id;
}
