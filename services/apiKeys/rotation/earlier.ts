/** The first of two ends; null is none. */
export const earlier = (end: Date, other: Date | null): Date => (other !== null && other < end ? other : end);

/** The same where either may be none. */
export const earlierOf = (end: Date | null, other: Date | null): Date | null => (end === null ? other : earlier(end, other));
