import type { KeyObject } from 'node:crypto';
import type { Knex } from 'knex';
import { toAppError } from '../../../db/errors.ts';
import type { Clock } from '../../../server/clock.ts';
import type { Vault } from '../../crypto/vault.ts';
import { newSigningKey, openSigningKey } from './signingKey.ts';
import type { PublicJwk, SigningKey, SigningKeyRow } from './signingKey.ts';

/** The keys that sign and verify access tokens. */
export interface KeyRing {
  /** The newest key that signs already. Makes the installation's first one. */
  signer(): Promise<SigningKey>;
  /** The public key of that id, until tokens that it signed are over; null when there is none. */
  verifier(kid: string): Promise<KeyObject | null>;
  /** Every key that signs, will sign, or did sign tokens that are not over: the JWKS. */
  published(): Promise<PublicJwk[]>;
  /** The keys changed: the next use reads them again. */
  forget(): void;
}

interface KeyRingDeps {
  knex: Knex;
  vault: Vault;
  clock: Clock;
  /** Told of each row that is not ours: not sealed by a master key that this process has, or altered. Such a key is as good as none. */
  onUntrusted?: (kid: string, error: unknown) => void;
}

/** A change that no notification told of is seen after this time: far less than a new key is published before it signs. */
const RELOAD_MS = 60_000;
/** An unknown key id may be a new key; an attacker's made-up ones cost a query a second at most. */
const UNKNOWN_RELOAD_MS = 1_000;
const FIRST_KEY_LOCK = 'signing_keys.first';

/** All methods throw service_unavailable when the keys cannot be read. */
export function createKeyRing(deps: KeyRingDeps): KeyRing {
  let loaded: { keys: SigningKey[]; at: number } | null = null;
  let loading: Promise<SigningKey[]> | null = null;
  const load = (): Promise<SigningKey[]> => {
    const started = (loading ??= readKeys(deps)
      .then((keys) => {
        // forget() while it was read: this use may have the old state, the next may not.
        if (loading === started) loaded = { keys, at: performance.now() };
        return keys;
      })
      .finally(() => {
        if (loading === started) loading = null;
      }));
    return started;
  };
  const keys = async (maxAgeMs = RELOAD_MS): Promise<SigningKey[]> =>
    (loaded && performance.now() - loaded.at < maxAgeMs ? loaded.keys : await load()).filter((key) => !isRetired(key, deps.clock));
  const find = (list: SigningKey[], kid: string): SigningKey | undefined => list.find((key) => key.kid === kid);

  return {
    async signer() {
      return newestActive(await keys(), deps.clock) ?? createFirst(deps, () => (loaded = null));
    },
    async verifier(kid) {
      const known = find(await keys(), kid) ?? find(await keys(UNKNOWN_RELOAD_MS), kid);
      return known?.publicKey ?? null;
    },
    async published() {
      const all = await keys();
      return (all.length > 0 ? all : [await this.signer()]).map(({ jwk }) => jwk);
    },
    forget() {
      loaded = null;
      loading = null;
    },
  };
}

const isRetired = ({ retiresAt }: SigningKey, clock: Clock): boolean => retiresAt !== null && retiresAt <= clock.now();

const newestActive = (keys: SigningKey[], clock: Clock): SigningKey | undefined =>
  keys.filter(({ activatesAt }) => activatesAt <= clock.now()).toSorted((a, b) => b.activatesAt.getTime() - a.activatesAt.getTime())[0];

async function readKeys({ knex, vault, onUntrusted }: Pick<KeyRingDeps, 'knex' | 'vault' | 'onUntrusted'>): Promise<SigningKey[]> {
  const rows = await knex<SigningKeyRow>('signing_keys').orderBy('activates_at').catch(rethrowMapped);
  const opened = await Promise.all(
    rows.map((row) =>
      openSigningKey(vault, row).catch((error: unknown) => {
        onUntrusted?.(row.kid, error);
        return null;
      }),
    ),
  );
  return opened.filter((key) => key !== null);
}

function rethrowMapped(error: unknown): never {
  throw toAppError(error);
}

/** Two processes may start at the same moment: the second finds the first one's key. */
async function createFirst({ knex, vault, clock, onUntrusted }: KeyRingDeps, changed: () => void): Promise<SigningKey> {
  try {
    return await knex.transaction(async (trx) => {
      await trx.raw('SELECT pg_advisory_xact_lock(hashtext(?))', [FIRST_KEY_LOCK]);
      const there = newestActive(await readKeys({ knex: trx, vault, ...(onUntrusted && { onUntrusted }) }), clock);
      if (there) return there;
      const row = await newSigningKey(vault, clock.now());
      await trx<SigningKeyRow>('signing_keys').insert(row);
      return openSigningKey(vault, row);
    });
  } catch (error) {
    throw toAppError(error);
  } finally {
    changed();
  }
}
