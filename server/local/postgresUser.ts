import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { resolveLaunch, setprivAvailable } from './launch.ts';
import type { Launch } from './launch.ts';
import { postgresBinaries } from './postgresBinaries.ts';

const NOBODY = { uid: 65_534, gid: 65_534 };

/** Under which identity Postgres runs; empty for an ordinary user, who runs it as himself. */
export type PostgresUser = Pick<Launch, 'user' | 'overridePermissions'>;

/**
 * Postgres refuses to run as root. Root therefore runs it as the owner of an existing data folder, else as `nobody`, with the
 * permission override when the checkout or the data lies below a folder that user cannot enter (such as /root).
 * Throws, saying what to do, when that needs `setpriv` and it is missing.
 */
export function postgresUser(dataDir: string): PostgresUser {
  if (process.getuid?.() !== 0) return {};
  const user = ownerOf(dataDir) ?? nobody();
  if (canReach(user, dirname(dataDir))) return { user };
  if (setprivAvailable() && canReach(user, dirname(dataDir), true)) return { user, overridePermissions: true };
  throw new Error(
    `Postgres cannot run as root, and the user ${user.uid} it would run as cannot enter ${dirname(dataDir)} or the checkout. ` +
      'Move the checkout and DATA_DIR out of the closed folder (for example to /srv), or run npm as an ordinary user, or install util-linux (setpriv).',
  );
}

function ownerOf(dir: string): { uid: number; gid: number } | null {
  if (!existsSync(dir)) return null;
  const { uid, gid } = statSync(dir);
  return uid === 0 ? null : { uid, gid };
}

function nobody(): { uid: number; gid: number } {
  if (!existsSync('/etc/passwd')) return NOBODY;
  const fields = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  return fields ? { uid: Number(fields[1]), gid: Number(fields[2]) } : NOBODY;
}

function canReach(user: { uid: number; gid: number }, dir: string, overridePermissions = false): boolean {
  const { postgres, root } = postgresBinaries();
  const files = [postgres, join(root, 'share', 'postgresql', 'postgres.bki'), dir];
  const probe = ['-c', 'test -x "$1" && test -r "$2" && test -x "$3"', 'sh', ...files];
  const { command, args, identity } = resolveLaunch({ command: 'sh', args: probe, user, overridePermissions });
  return spawnSync(command, args, { ...identity, cwd: '/', stdio: 'ignore' }).status === 0;
}
