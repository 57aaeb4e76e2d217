import { disableApiKey, enableApiKey } from '../../../../services/apiKeys/disable.ts';
import { idParams } from '../../params.ts';
import { route } from '../../route.ts';
import { API_KEY_EXAMPLE } from './examples.ts';
import { presentApiKey } from './present.ts';
import { ApiKeyOut } from './schemas.ts';

const DISABLED_EXAMPLE = { ...API_KEY_EXAMPLE, status: 'disabled', disabled_at: '2026-11-20T18:00:00.000Z', disabled_reason: 'manual' };

export const apiKeyStateRoutes = [
  route({
    method: 'POST',
    path: '/admin/api-keys/{id}/disable',
    operationId: 'api_keys.disable',
    permission: 'api_key.revoke',
    summary: 'Disable an API key',
    description: 'From the next request on the key is refused, until it is enabled again. Repeating it changes nothing.',
    params: idParams('key'),
    responses: { 200: ApiKeyOut },
    errors: ['conflict'],
    examples: { responses: { 200: DISABLED_EXAMPLE } },
    async handler({ params, inTenant }) {
      return { status: 200, body: presentApiKey(await inTenant((tenant) => disableApiKey(tenant, params.id))) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/api-keys/{id}/enable',
    operationId: 'api_keys.enable',
    permission: 'api_key.create',
    summary: 'Enable an API key',
    description:
      'A disabled key works again, also one that was reported as leaked: rotate that one instead. Whoever enables a key hands it out again, so they must hold its scopes.',
    params: idParams('key'),
    responses: { 200: ApiKeyOut },
    errors: ['conflict'],
    examples: { responses: { 200: API_KEY_EXAMPLE } },
    async handler({ params, inTenant }) {
      return { status: 200, body: presentApiKey(await inTenant((tenant) => enableApiKey(tenant, params.id))) };
    },
  }),
];
