import { appLink } from '../../../../services/mail/appLink.ts';
import type { Deps } from '../../../deps.ts';

/** Addresses for mails. A token is behind a `#`: browsers send that part to no server, so it is in no log. */
export const authLinks = (config: Deps['config']) => ({
  verify: (token: string) => appLink(config, `auth/verify-email#token=${token}`),
  changeEmail: (token: string) => appLink(config, `auth/email#token=${token}`),
  reset: (token: string) => appLink(config, `auth/password/reset#token=${token}`),
  signIn: appLink(config, 'auth/login'),
  forgot: appLink(config, 'auth/password/forgot'),
});
