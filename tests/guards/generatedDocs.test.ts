import { expect } from 'chai';
import { settings } from '../../server/configDocs.ts';
import { generatedDocs } from '../../server/generatedDocs.ts';
import { ERROR_CODES } from '../../services/errors/codes.ts';
import { read } from './support/sources.ts';

describe('generated documentation', () => {
  for (const [path, text] of Object.entries(generatedDocs())) {
    it(`${path} is what the code says (npm run docs writes it)`, () => expect(read(path)).to.equal(text));
  }

  it('has a sentence on the meaning of every setting', () => {
    expect(settings().filter(({ meaning }) => meaning.length < 10)).to.deep.equal([]);
  });

  it('has a sentence on what to do for every error code', () => {
    expect(Object.entries(ERROR_CODES).filter(([, { title, doc }]) => title === '' || doc.length < 20)).to.deep.equal([]);
  });

  it('has no preset for a secret', () => {
    const secrets = settings().filter(({ name }) => /(?:KEYS?|PEPPER|SECRET|PASSWORD|TOKEN)$/.test(name));
    expect(secrets.map(({ name }) => name)).to.include.members(['ENCRYPTION_KEYS', 'API_KEY_PEPPER']);
    expect(secrets.filter(({ fallback }) => fallback !== '')).to.deep.equal([]);
  });
});
