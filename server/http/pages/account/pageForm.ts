import type { z } from 'zod';
import type { Origin } from '../../../../services/auth/personContext.ts';
import type { Deps } from '../../../deps.ts';
import { requestErrors } from '../../issues.ts';

export interface PageField {
  /** Of the form and of the schema. */
  name: string;
  label: string;
  type: 'text' | 'email' | 'password';
  /** https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#autofill */
  autocomplete: string;
  hint?: string;
  /** Default true. */
  required?: boolean;
}

/** A page that a link of a mail leads to, when the installation has no user interface of its own: words, and a form that posts to itself. */
export interface PageForm {
  title: string;
  intro: string;
  fields: readonly PageField[];
  /** What the button says. */
  action: string;
  /** Further pages, by their paths. */
  links?: readonly (readonly [path: string, label: string])[];
  /** Does it, and says what is so from now on. Throws what the operation of the API throws. */
  submit(deps: Deps, origin: Origin, values: Record<string, string>): Promise<string>;
}

/** `submit` with the values that the schema of the operation makes of what was typed. */
export const submitted =
  <Schema extends z.ZodType>(
    schema: Schema,
    work: (deps: Deps, origin: Origin, values: z.output<Schema>) => Promise<string>,
  ): PageForm['submit'] =>
  async (deps, origin, values) =>
    work(deps, origin, await schema.parseAsync(values, { error: requestErrors }));
