import { expect } from 'chai';
import { projectFiles, read } from './support/sources.ts';

interface Rule {
  what: string;
  pattern: RegExp;
  /** Files the rule is about; absent: all. */
  files?: RegExp;
  bad: string;
}

/** Joined here, so that this file does not hold the words it looks for. */
const word = (...parts: string[]): string => parts.join('');

const RULES: Rule[] = [
  {
    what: 'paths of somebody’s machine',
    pattern: /(?<![\w.$}])\/(?:home|Users|root|work)\/(?!node\b)[\w.-]+/,
    bad: word('see /ho', 'me/anna/notes'),
  },
  {
    what: 'hosts of package registries',
    pattern: /registry\.(?:npmjs|yarnpkg)\.|\bproxy\.golang\.|\b(?:repo1?\.maven|files\.pythonhosted|static\.crates)\./,
    bad: word('https://registry', '.npmjs.org/koa'),
  },
  {
    what: 'unfinished work',
    pattern: new RegExp(`\\b(?:${word('TO', 'DO')}|${word('FIX', 'ME')}|${word('X', 'XX')})\\b`),
    bad: word('// TO', 'DO later'),
  },
  {
    what: 'tests that are switched off',
    pattern: /\b(?:describe|it|context|specify)\.(?:only|skip)\(|\bx(?:it|describe)\(|\bthis\.skip\(/,
    // But for what needs Java: a machine without it says so, and the summary counts what was skipped.
    files: /^(?!tests\/support\/timeSkipping\.ts$).*\.ts$/,
    bad: word('it.sk', "ip('x')"),
  },
  {
    what: 'silenced types',
    pattern: /@ts-(?:ignore|nocheck)\b/,
    files: /^(?!tests\/guards\/).*\.ts$/,
    bad: word('// @ts-ig', 'nore'),
  },
  {
    what: 'secrets',
    pattern: /\bsk_live_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----/,
    files: /^(?!tests\/).*/,
    bad: word('-----BEGIN PRIVATE', ' KEY-----'),
  },
];

/** Data of others, kept as it was published. */
const FOREIGN = /^(tests\/vectors\/|tests\/guards\/wording\.test\.ts$|LICENSE$)/;

const texts = projectFiles()
  .filter((path) => !FOREIGN.test(path))
  .map((path) => ({ path, text: read(path) }))
  .filter(({ text }) => !text.includes('\0'));

describe('wording', () => {
  for (const { what, pattern, files, bad } of RULES) {
    it(`no file has ${what}`, () => {
      const found = texts.filter(({ path }) => files?.test(path) ?? true).flatMap(({ path, text }) => linesWith(pattern, path, text));
      expect(found).to.deep.equal([]);
    });

    it(`would notice ${what}`, () => expect(linesWith(pattern, 'example.ts', bad)).to.have.length(1));
  }
});

function linesWith(pattern: RegExp, path: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${line.trim().slice(0, 120)}`] : []));
}
