import { Row } from './Row.ts';

/** One sign-in on one device. */
export class Session extends Row {
  static override tableName = 'sessions';
  static override idColumn = ['user_id', 'id'];

  declare userId: string;
  declare id: string;
  /** The organization that was entered. */
  declare activeOrgId: string | null;
  /** How the person proved who they are (RFC 8176): pwd, otp, hwk, … */
  declare amr: string[];
  declare authTime: Date;
  /** When a second factor was proven in this session. */
  declare mfaAt: Date | null;
  declare ip: string | null;
  declare userAgent: string | null;
  declare createdAt: Date;
  declare lastUsedAt: Date;
  declare expiresAt: Date;
  declare revokedAt: Date | null;
  declare revokedReason: string | null;
}
