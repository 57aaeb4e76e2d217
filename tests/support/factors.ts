import { newId, typeId } from '../../server/ids.ts';
import { issueRecoveryCodes } from '../../services/mfa/recoveryCodes.ts';
import { confirmTotp } from '../../services/mfa/confirmTotp.ts';
import { startTotp } from '../../services/mfa/startTotp.ts';
import type { Clock } from '../../server/clock.ts';
import { actAs } from './actAs.ts';
import { codeOf } from './authenticatorApp.ts';
import type { TestDatabase } from './database.ts';
import type { TestPerson } from './people.ts';
import { TEST_SECRETS } from './testConfig.ts';

export interface TestFactors {
  /** Base32. */
  secret: string;
  recoveryCodes: string[];
}

const STEP_MS = 30_000;

/** Gives a person an authenticator app and recovery codes. It was confirmed some minutes ago, so that every code of now is unused. */
export async function addTotp(database: TestDatabase, person: TestPerson): Promise<TestFactors> {
  const at = new Date(Date.now() - 10 * STEP_MS);
  const clock: Clock = { now: () => at };
  return actAs(
    database,
    person,
    async (context) => {
      const { secret } = await startTotp(context, person.email);
      await confirmTotp(context, codeOf(secret, at));
      return { secret, recoveryCodes: await issueRecoveryCodes(context, TEST_SECRETS.API_KEY_PEPPER) };
    },
    clock,
  );
}

/** Gives a person a security key that nobody has; its public id. */
export async function addCredential(database: TestDatabase, { userId }: { userId: string }): Promise<string> {
  const id = newId();
  const row = {
    credential_id: id,
    public_key: Buffer.alloc(1),
    counter: 0,
    transports: [],
    name: 'Key',
    aaguid: '',
    synced: false,
    backed_up: false,
  };
  await database.system('webauthn_credentials').insert({ user_id: userId, id, ...row });
  return typeId('wac', id);
}

/** A proof of a second factor, so many minutes ago: for `signIn`. */
export function secondFactor(minutesAgo = 0) {
  const at = new Date(Date.now() - minutesAgo * 60_000);
  return { amr: ['mfa', 'otp', 'pwd'], authTime: at, mfaAt: at };
}

/** A code that the app does not show now, nor a step away. */
export function wrongCode(secret: string): string {
  const near = [-1, 0, 1, 2].map((steps) => codeOf(secret, new Date(Date.now() + steps * STEP_MS)));
  return ['000000', '111111', '222222', '333333', '444444'].find((code) => !near.includes(code))!;
}
