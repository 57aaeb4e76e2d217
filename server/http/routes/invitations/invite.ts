import { createInvitation } from '../../../../services/invitations/create.ts';
import type { NewInvitation } from '../../../../services/invitations/create.ts';
import { limitInvitations } from '../../../../services/invitations/limit.ts';
import { appLink } from '../../../../services/mail/appLink.ts';
import type { PromisedMail } from '../../../../services/mail/enqueueMail.ts';
import type { Deps } from '../../../deps.ts';
import type { HandlerContext } from '../../route.ts';
import { presentInvitation } from './present.ts';

type InviteContext = Pick<HandlerContext<unknown, unknown, NewInvitation, false, false>, 'body' | 'actor' | 'inTenant' | 'deps'>;

/** Where the mail leads to. */
export const linkOf =
  ({ config }: Deps) =>
  (token: string) =>
    appLink(config, `invitations/${token}`);

/** Invites somebody, whatever path the request took; `action` is the id of the operation. The mail leaves after the commit. */
export async function invite({ body, actor, inTenant, deps }: InviteContext, action: string) {
  await limitInvitations(deps.rateLimiter, actor.orgId);
  let promised: PromisedMail | undefined;
  const answer = await inTenant(async (tenant) => {
    const { invitation, mail } = await createInvitation(tenant, body, { link: linkOf(deps), action });
    promised = mail;
    return { status: 201 as const, body: presentInvitation(invitation, deps.clock.now()) };
  });
  if (promised) deps.mail.wake(promised);
  return answer;
}
