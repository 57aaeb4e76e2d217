import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';

/** A command ready to be spawned, with the identity it runs under. */
export interface Launch {
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  user?: { uid: number; gid: number };
  /** Signal the kernel sends when the starting process dies in any way, kill -9 included (Linux). */
  parentDeathSignal?: 'SIGINT' | 'SIGTERM';
  /** Read and search files whatever their permissions: for an unprivileged user below a closed folder such as /root. */
  overridePermissions?: boolean;
}

/**
 * Starts it in a session of its own, so that Ctrl-C in the terminal reaches only the supervisor.
 * Throws when a wish needs util-linux `setpriv` and it is missing; the death signal is dropped silently there,
 * because the next start looks for survivors anyway.
 */
export function launch(wish: Launch, stdio: StdioOptions): ChildProcess {
  const { command, args, identity } = resolveLaunch(wish);
  return spawn(command, args, {
    ...identity,
    stdio,
    detached: true,
    env: wish.env ?? baseEnvironment(),
    ...(wish.cwd ? { cwd: wish.cwd } : {}),
  });
}

/** The command line and identity a wish comes down to on this machine. */
export function resolveLaunch(wish: Launch): { command: string; args: string[]; identity: { uid?: number; gid?: number } } {
  return setprivAvailable() ? viaSetpriv(wish) : plainly(wish);
}

/** What any program needs and nothing that belongs to us: no database URL, no key. */
export function baseEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const names = [
    'PATH',
    'HOME',
    'USER',
    'LANG',
    'LC_ALL',
    'TZ',
    'TMPDIR',
    'TERM',
    'NO_COLOR',
    'FORCE_COLOR',
    'SSL_CERT_FILE',
    'NODE_EXTRA_CA_CERTS',
  ];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

let answer: boolean | undefined;

/** Whether util-linux `setpriv` is here (busybox has a smaller one of the same name). */
export function setprivAvailable(): boolean {
  answer ??=
    process.platform === 'linux' && spawnSync('setpriv', ['--help'], { encoding: 'utf8' }).stdout?.includes('--pdeathsig') === true;
  return answer;
}

function plainly({ command, args, user, overridePermissions }: Launch) {
  if (overridePermissions) throw new Error('util-linux setpriv is needed to read below a closed folder as another user');
  return { command, args, identity: user ?? {} };
}

function viaSetpriv({ command, args, user, parentDeathSignal, overridePermissions }: Launch) {
  const options: string[] = [];
  if (user) options.push(`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups');
  // no_setuid_fixup: access(2) ignores the capability of a non-root user without it, and Postgres asks access(2) for its own binary.
  if (overridePermissions) options.push('--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup');
  if (parentDeathSignal) options.push(`--pdeathsig=${parentDeathSignal.slice(3)}`);
  if (options.length === 0) return { command, args, identity: {} };
  return { command: 'setpriv', args: [...options, '--', command, ...args], identity: {} };
}
