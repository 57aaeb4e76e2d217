import { findApiKey } from '../../../../services/apiKeys/find.ts';
import { issueApiKey } from '../../../../services/apiKeys/issue.ts';
import { listApiKeys } from '../../../../services/apiKeys/list.ts';
import { revokeApiKey } from '../../../../services/apiKeys/revoke.ts';
import { updateApiKey } from '../../../../services/apiKeys/update.ts';
import { pageOf, readPage } from '../../page.ts';
import { NoContent, idParams } from '../../params.ts';
import { route } from '../../route.ts';
import { API_KEY_CREATED_EXAMPLE, API_KEY_EXAMPLE, API_KEY_IN_EXAMPLE } from './examples.ts';
import { fromApiKeyIn, fromApiKeyPatch, presentApiKey, presentIssuedKey, withoutKey } from './present.ts';
import { ApiKeyCreated, ApiKeyIn, ApiKeyOut, ApiKeyPatch, apiKeyListQuery } from './schemas.ts';

export const apiKeyRoutes = [
  route({
    method: 'GET',
    path: '/admin/api-keys',
    operationId: 'api_keys.list',
    permission: 'api_key.read',
    summary: 'List API keys',
    description:
      'Newest first, also those that ended: rows of keys are never deleted. A credential that is bound to a workspace sees the keys of that workspace only.',
    query: apiKeyListQuery,
    responses: { 200: pageOf(ApiKeyOut) },
    examples: { responses: { 200: { data: [API_KEY_EXAMPLE], next_cursor: null, has_more: false } } },
    async handler({ inTenant, ...ctx }) {
      const page = readPage('api_keys.list', ctx);
      const { status, owner, workspace_id: workspaceId } = ctx.query;
      const keys = await inTenant((tenant) => listApiKeys(tenant, { status, owner, workspaceId }, page));
      return { status: 200, body: page.present(keys, ({ id }) => id, presentApiKey) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/api-keys',
    operationId: 'api_keys.create',
    permission: 'api_key.create',
    summary: 'Create an API key',
    description:
      'The key is in this answer and nowhere else: keep it. What is stored cannot be turned back into it. A repeat with the same Idempotency-Key is answered with `key_redacted` in its place. 402 when the plan gives the organization no further key; a key and those that succeed it count as one, and those that ended do not count.',
    body: ApiKeyIn,
    responses: { 201: ApiKeyCreated },
    errors: ['plan_limit_reached'],
    idempotent: true,
    stored: withoutKey,
    examples: { body: API_KEY_IN_EXAMPLE, responses: { 201: API_KEY_CREATED_EXAMPLE } },
    handler({ body, inTenant, deps }) {
      const input = fromApiKeyIn(body);
      return inTenant(async (tenant) => ({
        status: 201,
        body: presentIssuedKey(await issueApiKey(tenant, deps.config.API_KEY_PEPPER, input)),
      }));
    },
  }),
  route({
    method: 'GET',
    path: '/admin/api-keys/{id}',
    operationId: 'api_keys.get',
    permission: 'api_key.read',
    summary: 'Get an API key',
    description: 'Its settings, its state, and when and from where it was last used. The key itself is never shown again.',
    params: idParams('key'),
    responses: { 200: ApiKeyOut },
    examples: { responses: { 200: API_KEY_EXAMPLE } },
    async handler({ params, inTenant }) {
      const key = await inTenant((tenant) => findApiKey(tenant, params.id));
      return { status: 200, body: presentApiKey(key) };
    },
  }),
  route({
    method: 'PATCH',
    path: '/admin/api-keys/{id}',
    operationId: 'api_keys.update',
    permission: 'api_key.create',
    summary: 'Change an API key',
    description:
      'Fields that are absent stay as they are; lists are replaced as a whole. It counts from the next request on. Whoever changes a key hands it out again, so they must hold every scope that it had and has then. One that had expired needs a free place of the plan (402) to live again. Its secret, its owner and its workspace never change.',
    params: idParams('key'),
    body: ApiKeyPatch,
    responses: { 200: ApiKeyOut },
    errors: ['conflict', 'plan_limit_reached'],
    examples: { body: { allowed_ips: ['192.0.2.17'] }, responses: { 200: { ...API_KEY_EXAMPLE, allowed_ips: ['192.0.2.17/32'] } } },
    async handler({ params, body, inTenant }) {
      const key = await inTenant((tenant) => updateApiKey(tenant, params.id, fromApiKeyPatch(body)));
      return { status: 200, body: presentApiKey(key) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/admin/api-keys/{id}',
    operationId: 'api_keys.revoke',
    permission: 'api_key.revoke',
    summary: 'Revoke an API key',
    description:
      'From the next request on the key is refused, for good. It stays in the list, so that what it did can be explained. A key may revoke itself.',
    params: idParams('key'),
    responses: { 204: NoContent },
    async handler({ params, inTenant }) {
      await inTenant((tenant) => revokeApiKey(tenant, params.id));
      return { status: 204 };
    },
  }),
];
