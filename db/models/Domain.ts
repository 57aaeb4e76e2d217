import { Row } from './Row.ts';

/** A domain that an organization says is its own. */
export class Domain extends Row {
  static override tableName = 'domains';
  static override idColumn = ['org_id', 'id'];

  declare orgId: string;
  declare id: string;
  /** Lower case, ASCII. */
  declare domain: string;
  /** What its TXT record has to say. Public: it proves nothing for anybody else. */
  declare challenge: string;
  /** `lapsed`: it was verified, and its record has been gone for days. */
  declare status: 'pending' | 'verified' | 'lapsed';
  declare verifiedAt: Date | null;
  /** When the record was seen last. */
  declare confirmedAt: Date | null;
  /** When it was looked for last. */
  declare checkedAt: Date | null;
  declare nextCheckAt: Date | null;
  /** Looks in a row in which DNS answered without the record. */
  declare failures: number;
  declare lastFailure: 'missing' | 'unreachable' | null;
  declare createdBy: string | null;
  declare createdAt: Date;
  declare updatedAt: Date;
}
