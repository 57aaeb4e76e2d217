import { hash } from 'node:crypto';
import { presentAnswer } from '../presentAnswer.ts';
import type { Mount } from '../mounts.ts';
import type { Ctx, Step } from '../state.ts';

const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';

/** Writes the answer, cut to its declared schema. Reads of one thing carry an ETag; If-None-Match turns an unchanged one into 304. */
export function present({ route }: Mount): Step {
  const hasEtag = route.method === 'GET' && route.path.endsWith('}');
  return (ctx) => {
    const { answer, presented } = ctx.state;
    if (!answer) throw new Error(`${route.operationId} gave no answer`);
    const text = presented && presented.body === answer.body ? presented.text : presentAnswer(route, answer.status, answer.body);
    ctx.status = answer.status;
    ctx.set('Cache-Control', 'no-store');
    if (answer.headers) ctx.set(answer.headers);
    if (text === '') ctx.body = null;
    else write(ctx, text);
    if (hasEtag && answer.status === 200) revalidate(ctx, text);
  };
}

function write(ctx: Ctx, text: string): void {
  ctx.set('Content-Type', JSON_MEDIA_TYPE);
  ctx.body = text;
}

/** What If-None-Match compares (RFC 9110 section 13.1.2): a proxy may have dropped the W/. */
const opaque = (etag: string): string => etag.trim().replace(/^W\//, '');

/** Weak: gzip changes the bytes, not the meaning. */
function revalidate(ctx: Ctx, text: string): void {
  const etag = `W/"${hash('sha256', text, 'base64url').slice(0, 27)}"`;
  ctx.set('ETag', etag);
  const known = ctx.req.headers['if-none-match'];
  if (known === undefined || !known.split(',').some((each) => each.trim() === '*' || opaque(each) === opaque(etag))) return;
  ctx.status = 304;
  ctx.body = null;
}
