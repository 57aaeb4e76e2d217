import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../services/errors/AppError.ts';

const BEARER = /^Bearer +(\S+) *$/i;

/** What proves who asks: `Authorization: Bearer` (API key or access token) or `X-API-Key`. Throws missing_credentials, invalid_api_key. */
export function credentialOf({ headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string {
  const { authorization } = headers;
  const apiKey = headers['x-api-key'];
  if (authorization !== undefined) {
    if (isRepeated(rawHeaders)) throw new AppError('invalid_api_key', { detail: 'Authorization is given more than once. Send it once.' });
    const bearer = BEARER.exec(authorization)?.[1];
    if (bearer === undefined) {
      throw new AppError('missing_credentials', { detail: 'Authorization must read "Bearer" and an API key or an access token.' });
    }
    if (apiKey !== undefined && apiKey !== bearer) {
      throw new AppError('invalid_api_key', { detail: 'Authorization and X-API-Key name different keys. Send one of them.' });
    }
    return bearer;
  }
  if (typeof apiKey === 'string') return apiKey;
  throw new AppError('missing_credentials');
}

/** Node keeps the first of several; a proxy in front of us may have judged the last. */
function isRepeated(rawHeaders: string[]): boolean {
  const isAuthorization = (text: string, at: number): boolean =>
    at % 2 === 0 && text.length === 'authorization'.length && text.toLowerCase() === 'authorization';
  return rawHeaders.findIndex(isAuthorization) !== rawHeaders.findLastIndex(isAuthorization);
}

/** An API key has no dots, a JWT has two. */
export const isAccessToken = (credential: string): boolean => credential.includes('.');
