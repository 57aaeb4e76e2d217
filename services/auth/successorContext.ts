import type { RefreshToken } from '../../db/models/RefreshToken.ts';

/** The name under which the successor of a refresh token is sealed in its row. */
export const successorContext = ({ userId, id }: Pick<RefreshToken, 'userId' | 'id'>): string => `refresh_token:${userId}:${id}`;
