/** What a caller meets: the HTTP status, its title, whether the same request may succeed later, and the sentence the documentation gives. */
export interface ErrorCode {
  status: number;
  title: string;
  retryable: boolean;
  doc: string;
}

export const code = (status: number, title: string, doc: string, retryable = false): ErrorCode => ({ status, title, retryable, doc });
