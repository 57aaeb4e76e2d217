/** Replaces the key that signs access tokens. Started by a schedule of the same name, and by hand when a key may have leaked. */
export const NAME = 'signingKeyRotation';
export const SCHEDULE_ID = NAME;
export const TASK_QUEUE = 'system';

export interface Args {
  v: 1;
  /** How long the new key is published before it signs. */
  leadSeconds: number;
  /** How long the old one is trusted after that; its last tokens must be over by then. */
  overlapSeconds: number;
}

export interface PublishArgs extends Args {
  /** RFC 3339: when the rotation began. A key that was made since then is its own. */
  since: string;
}

/** The key ids are public; times are RFC 3339. */
export interface Published {
  kid: string;
  activatesAt: string;
  /** When every earlier key is to be removed. */
  retiresAt: string;
}
