/** One role of a member as access_of() tells it: a built-in one by name, or the permissions of one that the organization made. */
export interface Grant {
  role: string | null;
  permissions: string[] | null;
  /** null: in the whole organization. */
  workspace_id: string | null;
}
