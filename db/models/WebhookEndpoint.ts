import { Row } from './Row.ts';

export class WebhookEndpoint extends Row {
  static override tableName = 'webhook_endpoints';
  static override jsonAttributes = ['filter'];

  declare orgId: string;
  declare id: string;
  declare workspaceId: string | null;
  declare name: string;
  declare url: string;
  declare description: string | null;
  declare eventTypes: string[];
  /** Custom headers may hold credentials: only their names are readable. */
  declare headersSealed: Buffer | null;
  declare headerNames: string[];
  declare timeoutSeconds: number;
  declare maxRetries: number;
  declare retryDelaySeconds: number;
  declare retryScheduleSeconds: number[];
  declare rateLimitPerSecond: number | null;
  declare maxInFlight: number;
  declare ordered: boolean;
  declare filter: object | null;
  declare channels: string[];
  declare signature: 'v1' | 'v1a';
  /** The halves that receivers verify `v1a` with; empty for `v1`. */
  declare publicKeys: string[];
  /** When the receiver at the URL echoed a challenge. */
  declare verifiedAt: Date | null;
  declare status: 'active' | 'paused' | 'failing' | 'disabled';
  declare consecutiveFailures: number;
  declare failingSince: Date | null;
  /** Nothing is sent before. */
  declare heldUntil: Date | null;
  /** Who serves it: its own workflow, or one that many fast and sparse endpoints share. */
  declare lane: 'own' | 'express';
  declare laneSince: Date | null;
  declare deliveredCount: number;
  declare failedCount: number;
  declare createdAt: Date;
  declare updatedAt: Date;
  declare deletedAt: Date | null;
}
