import { Row } from './Row.ts';

export class WebhookSecret extends Row {
  static override tableName = 'webhook_secrets';

  declare orgId: string;
  declare id: string;
  declare endpointId: string;
  declare sealed: Buffer;
  declare createdAt: Date;
  declare expiresAt: Date | null;
}
