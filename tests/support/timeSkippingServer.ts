import { execFile } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { waitForLock } from '../../server/local/fileLock.ts';
import { cacheBin } from '../../server/local/temporalCandidates.ts';

/** The version of Temporal's Java test server, the only one that lets time fly. */
const VERSION = '1.38.0';
const MAVEN_MS = 180_000;

/** Asks Maven for the server with all that it needs to run, and for nothing else. */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>artisan</groupId><artifactId>time-skipping</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${VERSION}</version></dependency>
  </dependencies>
</project>
`;

/** Temporal's SDK passes the port and gives it five seconds: the quick compiler starts it in less than one. Its log is a file: nobody reads of SLF4J. */
const SCRIPT = `#!/bin/sh
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx256m -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@" 2>"$(dirname "$0")/log"
`;

/** What this machine lacks for tests on skipped time; null: nothing. */
export function timeSkippingLacks(env: NodeJS.ProcessEnv = process.env): string | null {
  const tools = existsSync(join(cacheDir(env), 'run')) ? ['java'] : ['java', 'mvn'];
  const missing = tools.filter((tool) => !isOnPath(tool, env));
  if (missing.length === 0) return null;
  return `Tests on skipped time need Java and Maven; not on the PATH: ${missing.join(', ')} (Debian: apt install default-jre-headless maven).`;
}

/**
 * An executable that runs the time-skipping server. Fetched with Maven once for this machine, into the cache that holds Temporal too;
 * several test runs at the same time wait for the one that fetches. Throws with Maven's words when it cannot.
 */
export async function timeSkippingServer(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const dir = cacheDir(env);
  const script = join(dir, 'run');
  if (existsSync(script)) return script;
  mkdirSync(dirname(dir), { recursive: true });
  const lock = await waitForLock(`${dir}.lock`, () => undefined);
  try {
    if (!existsSync(script)) await fetchServer(dir, env);
    return script;
  } finally {
    lock.release();
  }
}

const cacheDir = (env: NodeJS.ProcessEnv): string => join(dirname(cacheBin(env)), `temporal-test-server-${VERSION}`);

/** Put into its place in one step, so that a stopped download leaves no half server. */
async function fetchServer(dir: string, env: NodeJS.ProcessEnv): Promise<void> {
  const draft = mkdtempSync(`${dir}.draft-`);
  try {
    writeFileSync(join(draft, 'pom.xml'), POM);
    const goals = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${join(draft, 'lib')}`];
    await promisify(execFile)('mvn', ['--batch-mode', '--quiet', ...goals], { cwd: draft, env, timeout: MAVEN_MS });
    writeFileSync(join(draft, 'run'), SCRIPT);
    chmodSync(join(draft, 'run'), 0o755);
    renameSync(draft, dir);
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    const said = `${stdout}${stderr}`.trim().split('\n').slice(0, 5).join('\n');
    throw new Error(`Maven could not fetch io.temporal:temporal-test-server:${VERSION}:\n${said}`, { cause });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function isOnPath(tool: string, env: NodeJS.ProcessEnv): boolean {
  return (env['PATH'] ?? '').split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
