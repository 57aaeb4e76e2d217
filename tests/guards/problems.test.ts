import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { AnySchema } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { projectFiles, read } from './support/sources.ts';

interface Document {
  components: { schemas: { Problem: { properties: object } }; examples: Record<string, { value: object }> };
}
const { components } = JSON.parse(readFileSync(join(import.meta.dirname, '../../openapi.json'), 'utf8')) as Document;
const problem = components.schemas.Problem;

/** The members that are given to an AppError beyond the standard ones, as the source writes them. */
const EXTENSIONS = /\bextensions: (\{(?:[^{}]|\{[^{}]*\})*\})/g;
const KEY = /(?:^\{|,)\s*'?([a-z][\w-]*)'?:/g;

describe('guard: problems', () => {
  it('every member that a refusal adds is in the schema', () => {
    const sources = projectFiles().filter((path) => /^(services|server)\/.*\.ts$/.test(path));
    const written = sources.flatMap((path) => [...read(path).matchAll(EXTENSIONS)].map((match) => match[1] ?? ''));
    const added = written.flatMap((text) => [...text.replace(/(?<=.)\{[^{}]*\}/gs, '0').matchAll(KEY)].map((match) => match[1]));
    expect(added).to.include.members(['limit', 'step_up', 'accepts', 'in_use', 'violated-policies']);
    expect([...new Set(added)].filter((name) => !(name! in problem.properties))).to.deep.equal([]);
  });

  it('every example is a problem as the schema has it', () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile({
      ...problem,
      additionalProperties: false,
    } as AnySchema);
    for (const [code, { value }] of Object.entries(components.examples)) {
      expect(validate(value), `${code}: ${JSON.stringify(validate.errors)}`).to.equal(true);
    }
  });
});
