import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a first start generates and keeps in `DATA_DIR/secrets.json`, readable by its owner only. */
export interface LocalSecrets {
  encryptionKeys: string;
  apiKeyPepper: string;
  databasePasswords: { superuser: string; owner: string; app: string; system: string };
  /** Signing secret of the demo receiver's endpoint; absent until there is one. */
  demoSigningSecret?: string;
}

const REMEDY = 'restore it from a backup, or start with another DATA_DIR.';

/** Reads the secrets of a data folder; generates them on the first start. Throws when the file is damaged, or gone from a folder in use. */
export function localSecrets(dataDir: string): LocalSecrets {
  const found = readSecrets(dataDir);
  if (found !== null) return found;
  if (existsSync(join(dataDir, 'postgres'))) throw new Error(`${fileOf(dataDir)} is missing. It holds the keys of ${dataDir}: ${REMEDY}`);
  mkdirSync(dataDir, { recursive: true });
  const secrets = generate();
  writeSecrets(dataDir, secrets);
  return secrets;
}

/** The secrets of a data folder, or null when it has none yet. */
export function readSecrets(dataDir: string): LocalSecrets | null {
  const file = fileOf(dataDir);
  if (!existsSync(file)) return null;
  try {
    return whole(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(`${file} cannot be read. It holds the keys of ${dataDir}: ${REMEDY}`, { cause });
  }
}

function whole(found: Partial<LocalSecrets>): LocalSecrets {
  const { encryptionKeys, apiKeyPepper, databasePasswords } = found;
  if (!encryptionKeys || !apiKeyPepper || !databasePasswords) throw new Error('a part is missing');
  return { ...found, encryptionKeys, apiKeyPepper, databasePasswords };
}

/** Replaces the file in one step, so that a killed process leaves the old one or the new one. */
export function writeSecrets(dataDir: string, secrets: LocalSecrets): void {
  const draft = `${fileOf(dataDir)}.draft`;
  writeFileSync(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(draft, fileOf(dataDir));
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'secrets.json');
}

function generate(): LocalSecrets {
  const text = () => randomBytes(32).toString('base64url');
  return {
    encryptionKeys: `v1:${randomBytes(32).toString('base64')}`,
    apiKeyPepper: text(),
    databasePasswords: { superuser: text(), owner: text(), app: text(), system: text() },
  };
}
