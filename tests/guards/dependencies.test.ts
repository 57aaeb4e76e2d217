import { expect } from 'chai';
import { licenceAllowed } from './support/licences.ts';
import { missingPlatforms } from '../support/completeLock.ts';
import type { Lock } from '../support/completeLock.ts';
import { read } from './support/sources.ts';

/** Packages whose manifest names no licence in SPDX form, and where it was read instead. */
const READ_BY_HAND: Record<string, string> = {
  decko: 'MIT', // its LICENSE file
  stickyfill: 'MIT', // its LICENSE file
  unionfs: 'Unlicense', // its LICENSE file
  'url-template': 'BSD-3-Clause', // its LICENSE file; the manifest says "BSD"
};

/** Data, not code: attribution is the only duty, and the package carries it. */
const DATA_ONLY: Record<string, string> = { 'caniuse-lite': 'CC-BY-4.0' };

const manifest = JSON.parse(read('package.json')) as { dependencies: Record<string, string>; devDependencies: Record<string, string> };
const lock = JSON.parse(read('package-lock.json')) as Lock;
const locked = Object.entries(lock.packages).filter(([path]) => path !== '');
const production = locked.filter(([, each]) => each.dev !== true);

describe('dependencies', () => {
  it('are named by exact versions', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).to.deep.equal([]);
  });

  it('are locked without the host they were fetched from', () => {
    expect(locked.filter(([, each]) => each.resolved !== undefined).map(([path]) => path)).to.deep.equal([]);
  });

  it('are locked for every platform, or npm ci refuses the lock (npm run lock:complete adds what a mirror left out)', () => {
    expect(missingPlatforms(lock)).to.deep.equal([]);
    const { 'node_modules/@swc/core-darwin-arm64': removed, ...rest } = lock.packages;
    expect(removed?.os).to.deep.equal(['darwin']);
    expect(missingPlatforms({ packages: rest }).map(({ path }) => path)).to.deep.equal(['node_modules/@swc/core-darwin-arm64']);
  });

  it('have licences that this product may be shipped with', () => {
    const refused = production.filter(([path, each]) => {
      const name = nameOf(path);
      const licence = READ_BY_HAND[name] ?? each.license ?? 'none';
      return !licenceAllowed(licence) && DATA_ONLY[name] !== licence;
    });
    console.log(`      ${production.length} production packages, ${Object.keys(READ_BY_HAND).length} read by hand`);
    expect(refused.map(([path, each]) => `${nameOf(path)} ${each.version}: ${each.license ?? 'no licence'}`)).to.deep.equal([]);
  });

  it('would be refused under a licence with duties', () => {
    for (const bad of ['GPL-3.0', 'AGPL-3.0-only', 'MIT AND GPL-2.0', 'SSPL-1.0', 'UNLICENSED', 'Apache-2.0 WITH LLVM-exception']) {
      expect(licenceAllowed(bad), bad).to.equal(false);
    }
    for (const good of ['MIT', '(MIT OR GPL-3.0)', 'MIT AND BSD-3-Clause', '(BSD-2-Clause OR MIT OR Apache-2.0)']) {
      expect(licenceAllowed(good), good).to.equal(true);
    }
  });
});

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
