import type { Context, Middleware } from 'koa';
import { z } from 'zod';
import { asAppError } from '../../../../services/errors/asAppError.ts';
import { AppError } from '../../../../services/errors/AppError.ts';
import type { Deps } from '../../../deps.ts';
import { fieldsOf } from '../../issues.ts';
import { countRefusal } from '../../middleware/countRefusals.ts';
import { logFault } from '../../middleware/errorBoundary.ts';
import { originOf } from '../../middleware/origin.ts';
import { setFormHeaders } from '../../middleware/securityHeaders.ts';
import { problemOf } from '../../problem.ts';
import { readBody } from '../../readBody.ts';
import type { Ctx, RequestState } from '../../state.ts';
import { ACCOUNT_FILES } from './files.ts';
import { ACCOUNT_FORMS } from './forms.ts';
import { formPage, noticePage } from './html.ts';
import { invitationForm } from './invitationForm.ts';
import type { PageForm } from './pageForm.ts';

const INVITATION = /^\/invitations\/([\w-]{1,100})$/;
const FORM_TYPE = 'application/x-www-form-urlencoded';
const SIGN_IN = {
  title: 'Sign in',
  text: 'This installation has no user interface of its own to sign in to. Programs sign in with POST /api/v1/auth/login.',
  links: [
    ['/auth/password/forgot', 'Forgot the password?'],
    ['/docs', 'The documentation of the API'],
  ],
} as const;

/**
 * Where links in mails lead without an APP_URL: small pages that post a form to themselves, and do what the operation of the API does, with its
 * limits and its audit entries. They hold no session and set no cookie, so nothing can be done with them in somebody else's name.
 */
export function accountPages(deps: Deps): Middleware<RequestState> {
  return (ctx, next) => {
    const { path, method } = ctx;
    const file = ACCOUNT_FILES[path];
    const isRead = method === 'GET' || method === 'HEAD';
    if (isRead && file) return answerFile(ctx, file);
    if (isRead && path === '/auth/login') return answer(ctx, 200, noticePage(SIGN_IN));
    const token = INVITATION.exec(path)?.[1];
    if ((!isRead && method !== 'POST') || (token === undefined && !Object.hasOwn(ACCOUNT_FORMS, path))) return next();
    return answerForm(ctx as Context & Ctx, deps, token);
  };
}

async function answerForm(ctx: Context & Ctx, deps: Deps, token: string | undefined): Promise<void> {
  let form: PageForm | undefined;
  let values: Record<string, string> = {};
  try {
    form = token === undefined ? ACCOUNT_FORMS[ctx.path]! : await invitationForm(deps, originOf(ctx), token);
    if (ctx.method !== 'POST') return answer(ctx, 200, formPage(form));
    values = await readForm(ctx, form);
    const text = await form.submit(deps, originOf(ctx), values);
    answer(ctx, 200, noticePage({ title: 'Done', text }));
  } catch (thrown) {
    const error = thrown instanceof z.ZodError ? invalid(thrown) : asAppError(thrown);
    countRefusal(deps.metrics, error);
    if (error.status >= 500) logFault(deps.logger, error, ctx.state);
    const problem = problemOf(error, ctx.state.requestId);
    ctx.state.errorCode = error.code;
    answer(ctx, error.status, form ? formPage(form, { values, problem }) : noticePage({ title: problem.title, text: problem.detail }));
    if (error.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(error.retryAfterSeconds));
  }
}

/**
 * The fields of the form that were filled in, on the page itself: a form, unlike JSON, could be sent by any other page that somebody looks at, and
 * guess from their address. Throws permission_denied, unsupported_media_type, payload_too_large.
 */
async function readForm({ req }: Context, { fields }: PageForm): Promise<Record<string, string>> {
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin')
    throw new AppError('permission_denied', { detail: 'Send this form from its own page.' });
  if (!req.headers['content-type']?.toLowerCase().startsWith(FORM_TYPE)) {
    throw new AppError('unsupported_media_type', { detail: `Send the form of this page as ${FORM_TYPE}.` });
  }
  const sent = new URLSearchParams((await readBody(req)).toString('utf8'));
  return Object.fromEntries(fields.flatMap(({ name, type }) => valueOf(name, sent.get(name), type === 'password')));
}

/** A space around what was pasted is no part of it; of a password it is. */
function valueOf(name: string, sent: string | null, exact: boolean): [string, string][] {
  const value = exact ? (sent ?? '') : (sent ?? '').trim();
  return value === '' ? [] : [[name, value]];
}

const invalid = ({ issues }: z.ZodError): AppError => new AppError('validation_failed', { fields: fieldsOf('body', issues) });

function answer(ctx: Context, status: number, html: string): void {
  ctx.state.operationId = 'pages';
  setFormHeaders(ctx);
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.type = 'text/html; charset=utf-8';
  ctx.body = html;
}

function answerFile(ctx: Context, { type, text }: { type: string; text: string }): void {
  ctx.state.operationId = 'pages';
  ctx.set('Content-Type', type);
  ctx.set('Cache-Control', 'public, max-age=300');
  ctx.body = text;
}
