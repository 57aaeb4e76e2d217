/** Endpoints that may have work, by organization; organizations take turns. Database uuids. */
export class Hints {
  readonly #byOrg = new Map<string, Set<string>>();

  get empty(): boolean {
    return this.#byOrg.size === 0;
  }

  add(orgId: string, endpointId: string): void {
    const ids = this.#byOrg.get(orgId);
    if (ids) ids.add(endpointId);
    else this.#byOrg.set(orgId, new Set([endpointId]));
  }

  /** The organizations, the one that has waited longest first. */
  get orgs(): string[] {
    return [...this.#byOrg.keys()];
  }

  /** Takes up to `most` endpoints of the organization, which goes behind the others with what is left. */
  take(orgId: string, most: number): string[] {
    const ids = [...(this.#byOrg.get(orgId) ?? [])];
    this.#byOrg.delete(orgId);
    if (ids.length > most) this.#byOrg.set(orgId, new Set(ids.slice(most)));
    return ids.slice(0, most);
  }
}
