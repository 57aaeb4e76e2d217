import { z } from 'zod';
import type { IdPrefix } from '../../ids.ts';
import { idSchema } from '../params.ts';

export const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'sk_live_…', description: 'An API key, or the access token of a session.' },
  session: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token of a session: `POST /auth/login`.' },
  api_key: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same API key, for clients that cannot set Authorization.' },
};

const text = (description: string, example: string) => ({ description, schema: { type: 'string' }, example });

export const HEADERS = {
  'X-Request-Id': text('Names this request in the log. The one that was sent, when it is sane.', 'req_01jb8z6q3kf3tvxk6n9m2w4h5r'),
  'RateLimit-Policy': text('The limit of the key: `q` requests in `w` seconds.', '"key";q=1000;w=3600'),
  RateLimit: text('What is left: `r` requests, for `t` more seconds.', '"key";r=999;t=1742'),
  Deprecation: text(
    'Only to an API key that was rotated: when, in seconds since 1970 (RFC 9745). It still works; the operation is not deprecated.',
    '@1793610000',
  ),
  Sunset: text(
    'Only to an API key that was rotated: when it stops working (RFC 8594). `Link` leads to the rotation.',
    'Mon, 09 Nov 2026 09:00:00 GMT',
  ),
  'Retry-After': { description: 'Seconds to wait before the same request makes sense.', schema: { type: 'integer' }, example: 5 },
  'WWW-Authenticate': text('The scheme that is expected.', 'Bearer realm="artisan", error="invalid_token"'),
  ETag: text('Send it as If-None-Match: an unchanged resource is answered 304.', 'W/"2jmj7l5rSw0yVb_vlWAYkK_YBwk"'),
  'Idempotency-Replayed': {
    description: '`true` when this is the answer of an earlier request.',
    schema: { type: 'string', const: 'true' },
  },
};

const shapeOf = (prefix: IdPrefix) => {
  const { $schema: _dialect, ...shape } = z.toJSONSchema(idSchema(prefix), { io: 'input' });
  return shape;
};

export const PARAMETERS = {
  OrganizationId: {
    name: 'organization_id',
    in: 'path',
    required: true,
    description: 'The organization of the credential; any other is answered as if it did not exist.',
    schema: shapeOf('org'),
  },
  Workspace: {
    name: 'X-Workspace',
    in: 'header',
    required: false,
    description: 'Act in this workspace: with the roles of the session there as well, and seeing nothing of other workspaces.',
    schema: shapeOf('wsp'),
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description: 'Any text of your own, such as a UUID. A repeat within 24 hours gets the first answer and changes nothing.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
    example: '7b1f0f4e-2d0c-4a3c-9d54-0e6a1f2b3c4d',
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'The ETag of an earlier answer.',
    schema: { type: 'string' },
  },
};
