import { z } from 'zod';
import { normalizeAddress } from '../../../../services/mail/address.ts';
import { label, text } from '../../fields.ts';

/** Nothing that is typed is longer; the policy of new passwords is stricter, and answers by itself. */
const MAX_PASSWORD = 1_024;
const MAX_TOKEN = 200;
const MAX_EMAIL = 320;

/** An e-mail address; its output is the spelling that is stored and compared. */
export const emailField = () =>
  text()
    .max(MAX_EMAIL, `has at most ${MAX_EMAIL} characters`)
    .transform((given, ctx) => {
      const email = normalizeAddress(given);
      if (email !== null) return email;
      ctx.addIssue({ code: 'custom', message: 'is no e-mail address: expected one such as ada@acme.example', input: given });
      return z.NEVER;
    })
    .meta({ format: 'email' });

export const passwordField = () =>
  text().min(1, 'must not be empty').max(MAX_PASSWORD, `has at most ${MAX_PASSWORD} characters`).meta({ format: 'password' });

export const tokenField = () => label(MAX_TOKEN).min(1, 'must not be empty');
