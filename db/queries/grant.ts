/** One role of a member as access_of() tells it: a built-in one by name, or the permissions of one that the organization made. */
export interface Grant {
  role: string | null;
  /** Which of the organization's own it is; absent where only what it allows is asked. */
  role_id?: string | null;
  permissions: string[] | null;
  /** null: in the whole organization. */
  workspace_id: string | null;
}
