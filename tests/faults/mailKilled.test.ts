import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { expect } from 'chai';
import { withTenant } from '../../db/tenancy.ts';
import { systemClock } from '../../server/clock.ts';
import { typeId } from '../../server/ids.ts';
import { bundleWorkflows } from '../../server/local/bundleWorkflows.ts';
import { startMailSink } from '../../server/local/mailSink.ts';
import type { MailSink } from '../../server/local/mailSink.ts';
import { waitUntil } from '../../server/local/waitUntil.ts';
import { createVault } from '../../services/crypto/vault.ts';
import { enqueueMail } from '../../services/mail/enqueueMail.ts';
import { startMailDelivery } from '../../services/mail/lifecycle.ts';
import { paragraph } from '../../services/mail/template.ts';
import type { MailTemplate } from '../../services/mail/template.ts';
import { relayTo } from '../db/support/relay.ts';
import type { TcpRelay } from '../db/support/relay.ts';
import { createOrganization } from '../support/factories.ts';
import { createInstallation } from '../support/installation.ts';
import type { Installation } from '../support/installation.ts';
import { workerProcess } from '../support/processes.ts';
import type { TestProcess } from '../support/processes.ts';
import { TEST_SECRETS, testEnv } from '../support/testConfig.ts';

const template: MailTemplate<object> = { name: 'test', example: {}, write: () => ({ subject: 'A test', body: [paragraph('Hello.')] }) };
const SECONDS = { timeoutMs: 30_000 };

describe('faults: the worker is killed while it sends a mail', function () {
  this.timeout(120_000);
  let installation: Installation;
  let connection: Connection;
  /** Reaches Temporal through the relay. */
  let first: TestProcess;
  let relay: TcpRelay;
  let other: TestProcess;
  let sink: MailSink;
  let orgId: string;
  let bundleDir: string;
  /** Of the next mail: the server has it, and does not say so until this is resolved. */
  let held: Promise<void> | undefined;

  before(async () => {
    sink = await startMailSink({ onMail: hold });
    bundleDir = mkdtempSync(join(tmpdir(), 'artisan-test-'));
    // Made once: workers are started four times, and the mail server is not waited for in the meantime.
    const env = { SMTP_URL: sink.url, WORKFLOW_BUNDLE_PATH: await bundleWorkflows(bundleDir, AbortSignal.timeout(60_000)) };
    installation = await createInstallation();
    const { address, namespace } = installation.temporal;
    relay = await relayTo(`http://${address}`);
    const worker = (at: string) =>
      workerProcess(testEnv(installation.database, { TEMPORAL_ADDRESS: at, TEMPORAL_NAMESPACE: namespace, ...env }));
    [first, other] = await Promise.all([worker(new URL(relay.url).host), worker(address)]);
    connection = await Connection.connect({ address });
    ({ orgId } = await createOrganization(installation.database));
  });
  after(async () => {
    await Promise.all([first.kill(), other.kill(), relay.close(), connection.close()]);
    await installation.dispose();
    await sink.close();
    rmSync(bundleDir, { recursive: true });
  });

  function hold(): Promise<void> | undefined {
    const until = held;
    held = undefined;
    return until;
  }

  /** A mail whose first attempt hangs in the first worker, while the second one looks on. */
  const hanging = async (to: string) => {
    const answered = Promise.withResolvers<void>();
    held = answered.promise;
    await first.start();
    const { mailId } = await withTenant(installation.database.app, orgId, async (trx) => {
      const vault = await createVault(TEST_SECRETS.ENCRYPTION_KEYS).of(trx, orgId);
      return enqueueMail({ trx, vault, clock: systemClock }, { to, template, data: {}, orgId, userId: null });
    });
    await startMailDelivery(new Client({ connection, namespace: installation.temporal.namespace }), { mailId, orgId });
    const arrived = () => sink.mails.filter((mail) => mail.to.includes(to));
    const arrives = (times: number) => waitUntil('the mail', () => (arrived().length === times ? arrived() : null), SECONDS);
    await arrives(1);
    await other.start();
    const row = () => installation.database.system('mails').where({ id: mailId }).first('status', 'attempts');
    const sent = () => waitUntil('its end', async () => ((await row()).status === 'sent' ? row() : null), SECONDS);
    return { mailId, answered, arrived, arrives, row, sent };
  };

  it('another one sends it within fifteen seconds, under the same Message-ID', async () => {
    const { mailId, arrives, sent } = await hanging('killed@acme.example');
    const killedAt = performance.now();
    await first.kill();
    const mails = await arrives(2);
    const seconds = (performance.now() - killedAt) / 1_000;
    console.log(`      sent again ${seconds.toFixed(1)} s after the kill`);
    expect(seconds).to.be.below(15);
    for (const { messageId } of mails) expect(messageId).to.match(new RegExp(`^<${typeId('eml', mailId)}@`));
    // The attempt that died is on record nowhere.
    expect(await sent()).to.include({ attempts: 1 });
    await other.stop();
  });

  it('one that lives, and that Temporal believes dead, keeps the mail, also when it takes longer than a claim holds: the other one waits for it', async () => {
    const { mailId, answered, arrived, row, sent } = await hanging('cut-off@acme.example');
    await relay.close();
    // What is left of the ninety seconds of a claim that nobody renews.
    await installation.database
      .system('mails')
      .where({ id: mailId })
      .update({ claimed_until: new Date(Date.now() + 6_000) });
    // Five seconds of silence, and tries of the other one.
    await sleep(10_000);
    expect([arrived().length, (await row()).status]).to.deep.equal([1, 'queued']);
    answered.resolve();
    expect(await sent()).to.include({ attempts: 1 });
    await sleep(3_000);
    expect(arrived()).to.have.length(1);
    await other.stop();
  });
});
